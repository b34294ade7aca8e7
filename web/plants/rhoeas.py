"""Field poppy."""

from organs import (
    GREEN,
    PALE_GREEN,
    blotch,
    capsule,
    cut_half,
    disk,
    leaf,
    nodding_bud,
    petal,
    seed_leaves,
    stamens,
)
from plate import Axis, Plate, Point


def feather(
    plate: Plate,
    base: Point,
    angle: float,
    length: float,
    *,
    bend: float = 0,
    fill: str = GREEN,
    width: float = 0.3,
    lobes: int = 5,
    teeth: int = 1,
) -> None:
    axis = Axis(base, angle, length, bend)
    leaf(plate, axis, cut_half(plate, width, lobes, teeth=teeth), fill)


def draw_seedling(p: Plate) -> None:
    seed_leaves(p, (180, 262), 66, 0.045, PALE_GREEN)
    for angle, length, lobes in (
        (24, 128, 3),
        (156, 126, 3),
        (-30, 112, 2),
        (210, 112, 2),
        (60, 146, 4),
        (120, 144, 4),
        (92, 100, 3),
    ):
        axis = Axis((180, 258), angle, length, 8 if angle < 90 else -8)
        for n in range(6):
            x, y = axis.at(0.2 + 0.12 * n, 0.03 * (1 if n % 2 else -1))
            p.line([(x, y), axis.at(0.24 + 0.12 * n, 0.13 * (1 if n % 2 else -1))], width=1)
        leaf(p, axis, cut_half(p, 0.2, lobes, stalk=0.34, fat=0.6), GREEN)
    p.bar(64)


def draw_leaf(p: Plate) -> None:
    p.stem([(176, 440), (182, 300), (178, 160), (184, 30)], 8, PALE_GREEN, hairs="bristly")
    feather(p, (180, 350), 30, 170, bend=14, teeth=2)
    feather(p, (181, 250), 150, 170, bend=-14, teeth=2)
    feather(p, (179, 150), 42, 146, bend=12)
    p.bar(52)


def draw_bud(p: Plate) -> None:
    p.stem(
        [(130, 445), (136, 300), (158, 160), (200, 96), (244, 104), (254, 148)],
        6,
        PALE_GREEN,
        hairs="bristly",
    )
    feather(p, (134, 380), 34, 150, bend=10, teeth=2)
    feather(p, (135, 330), 148, 116, bend=-14)
    nodding_bud(p, (254, 150), 56, 94, GREEN, hairs=True, lean=-4)
    p.bar(78)


def draw_flower(p: Plate) -> None:
    p.stem([(186, 445), (176, 340), (180, 200)], 6, PALE_GREEN, hairs="bristly")
    feather(p, (180, 412), 32, 140, bend=10, teeth=2)
    feather(p, (178, 400), 152, 120, bend=-10)
    centre = (180, 154)
    for angle in (90, 270):
        petal(p, centre, angle, 128, 150, "#e8543f")
    for angle in (0, 180):
        petal(p, centre, angle, 132, 140, "#f07660")
        blotch(p, centre, angle, 44, 80, "#2a1d2b")
    stamens(p, centre, 18, 44, 46, "#3b2b44")
    p.dot(centre, 19, GREEN)
    disk(p, centre, 17, 10, PALE_GREEN)
    p.bar(70)


def draw_capsule(p: Plate) -> None:
    p.stem([(186, 445), (178, 360), (180, 284)], 7, PALE_GREEN, hairs="bristly")
    capsule(p, (180, 280), 92, 116, 10, GREEN, top=0.86, narrow=0.5, collar=False)
    p.bar(148)
