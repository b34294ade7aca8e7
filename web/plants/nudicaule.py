"""Iceland poppy."""

from collections.abc import Sequence

from organs import GREEN, PALE_GREEN, capsule, cut_half, disk, leaf, nodding_bud, petal, seed_leaves, stamens
from plate import Axis, Plate, Point


def nudicaule_tuft(p: Plate, foot: Point, length: float) -> None:
    for angle, part, bend in (
        (18, 0.92, 30),
        (162, 0.92, -30),
        (44, 1, 18),
        (136, 1, -18),
        (68, 0.86, 8),
        (112, 0.86, -8),
    ):
        axis = Axis(foot, angle, length * part, bend)
        leaf(p, axis, cut_half(p, 0.19, 3, stalk=0.44, forward=0.08, fat=0.66), "#b5cf9e")


def bare_stalk(p: Plate, points: Sequence[Point]) -> None:
    p.stem(points, 5, PALE_GREEN, hairs="bristly")


def draw_seedling(p: Plate) -> None:
    seed_leaves(p, (180, 262), 60, 0.045, PALE_GREEN)
    for angle, length, lobes in (
        (26, 120, 1),
        (154, 118, 1),
        (58, 140, 2),
        (122, 140, 2),
        (90, 116, 2),
        (-26, 100, 1),
        (206, 100, 1),
    ):
        axis = Axis((180, 258), angle, length, 10 if angle < 90 else -10)
        leaf(p, axis, cut_half(p, 0.17, lobes, stalk=0.52, forward=0.06, fat=0.7), "#b5cf9e")
        for n in range(5):
            side = 1 if n % 2 else -1
            p.line([axis.at(0.15 + 0.09 * n, 0.012 * side), axis.at(0.19 + 0.09 * n, 0.07 * side)], width=1)
    p.bar(64)


def draw_leaf(p: Plate) -> None:
    bare_stalk(p, [(178, 380), (166, 240), (170, 40)])
    bare_stalk(p, [(184, 380), (214, 260), (222, 90)])
    nudicaule_tuft(p, (180, 388), 205)
    p.bar(44)


def draw_bud(p: Plate) -> None:
    bare_stalk(p, [(160, 392), (156, 260), (176, 120), (212, 72), (246, 84), (254, 120)])
    nudicaule_tuft(p, (160, 396), 150)
    nudicaule_tip = (254, 122)
    nodding_bud(p, nudicaule_tip, 54, 82, "#a98f63", hairs=True, lean=-2)
    p.bar(74)


def draw_flower(p: Plate) -> None:
    bare_stalk(p, [(180, 410), (172, 320), (180, 190)])
    nudicaule_tuft(p, (180, 416), 132)
    centre = (180, 136)
    for angle in (90, 270):
        petal(p, centre, angle, 112, 146, "#f4c542")
    for angle in (0, 180):
        petal(p, centre, angle, 116, 140, "#f9d970")
    stamens(p, centre, 18, 46, 44, "#e6a51c")
    p.dot(centre, 18, GREEN)
    disk(p, centre, 15, 6, PALE_GREEN)
    p.bar(70)


def draw_capsule(p: Plate) -> None:
    bare_stalk(p, [(182, 445), (176, 360), (180, 290)])
    capsule(p, (180, 286), 76, 138, 6, "#b5cf9e", top=0.92, hairs=True, narrow=0.5, collar=False)
    p.bar(160)
