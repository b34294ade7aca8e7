"""Opium poppy."""

from organs import (
    BLUE_GREEN,
    PALE_BLUE,
    blotch,
    capsule,
    clasping,
    disk,
    leaf,
    narrowed,
    nodding_bud,
    petal,
    seed_leaves,
    stamens,
    wavy_half,
)
from plate import Axis, Plate, Point


def opium_leaf(
    plate: Plate,
    base: Point,
    angle: float,
    length: float,
    *,
    bend: float = 0,
    clasp: bool = True,
    width: float = 0.27,
) -> None:
    axis = Axis(base, angle, length, bend)
    start = clasping(width) if clasp else narrowed(width)
    leaf(plate, axis, wavy_half(plate, width, 7, start, widest=0.55, broad=clasp), BLUE_GREEN, veins=6)


def draw_seedling(p: Plate) -> None:
    seed_leaves(p, (180, 262), 78, 0.05, PALE_BLUE)
    for angle, length in ((28, 118), (150, 116), (-28, 112), (208, 112), (62, 132), (118, 132)):
        axis = Axis((180, 258), angle, length, 14 if angle in (28, 62) else -14 if angle in (150, 118) else 0)
        base = [(0, 0.02), (0.18, 0.025), (0.34, 0.1)]
        leaf(p, axis, wavy_half(p, 0.2, 4, base, widest=0.66, deep=0.24), BLUE_GREEN, veins=4)
    for angle in (82, 100):
        axis = Axis((180, 254), angle, 70)
        leaf(p, axis, wavy_half(p, 0.2, 3, [(0, 0.03), (0.25, 0.1)], widest=0.6), PALE_BLUE)
    p.bar(64)


def draw_leaf(p: Plate) -> None:
    p.stem([(186, 440), (180, 300), (178, 150), (182, 30)], 17, PALE_BLUE)
    opium_leaf(p, (178, 340), 24, 178, bend=18)
    opium_leaf(p, (184, 238), 152, 172, bend=-16)
    opium_leaf(p, (180, 140), 40, 140, bend=16)
    p.bar(44)


def draw_bud(p: Plate) -> None:
    opium_leaf(p, (120, 372), 150, 118, bend=-20)
    p.stem([(120, 445), (124, 300), (150, 150), (200, 84), (248, 96), (258, 140)], 11, PALE_BLUE, hairs="few")
    opium_leaf(p, (122, 330), 28, 166, bend=12)
    nodding_bud(p, (258, 142), 82, 122, BLUE_GREEN, hairs=False, lean=-4)
    p.bar(64)


def draw_flower(p: Plate) -> None:
    p.stem([(180, 445), (182, 340), (180, 200)], 11, PALE_BLUE)
    opium_leaf(p, (181, 400), 26, 150, bend=16)
    centre = (180, 152)
    for angle in (90, 270):
        petal(p, centre, angle, 142, 150, "#e9bfe0")
    for angle in (0, 180):
        petal(p, centre, angle, 146, 138, "#f0d2ea")
        blotch(p, centre, angle, 52, 90, "#7d4a86")
    for angle in (90, 270):
        blotch(p, centre, angle, 40, 70, "#7d4a86")
    stamens(p, centre, 24, 50, 40, "#f7f0cf")
    p.dot(centre, 30, BLUE_GREEN)
    disk(p, centre, 25, 12, PALE_BLUE)
    p.bar(58)


def draw_capsule(p: Plate) -> None:
    p.stem([(180, 445), (178, 380), (180, 318)], 12, PALE_BLUE)
    capsule(p, (180, 312), 172, 200, 14, BLUE_GREEN, top=0.66)
    p.bar(74)
