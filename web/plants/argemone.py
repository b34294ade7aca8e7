"""Prickly poppy."""

import math
from collections.abc import Sequence

from organs import GREEN, PALE_GREEN, cut_half, leaf, petal, prickles, seed_leaves, stamens
from plate import Axis, Plate, Point, sampled


def thistle(
    p: Plate, base: Point, angle: float, length: float, *, bend: float = 0, clasp: bool = True
) -> None:
    axis = Axis(base, angle, length, bend)
    half = cut_half(p, 0.28, 4, rachis=0.075, stalk=0.06, forward=0.03, fat=0.45)
    if clasp:
        half = [(0, 0.02), (-0.07, 0.08), (-0.09, 0.16), (0.02, 0.15), *half[2:]]
    leaf(p, axis, half, "#b3cfb4", sharp=True)
    for t, s in half[3:]:
        if s > 0.17:
            for side in (1, -1):
                p.line([axis.at(t, side * s), axis.at(t + 0.035, side * (s + 0.05))], width=1.6)
    for n in range(4):  # white along the veins
        for side in (1, -1):
            t = 0.12 + 0.2 * n
            p.line([axis.at(t), axis.at(t + 0.08, side * 0.12)], width=3, ink="#fff")
    p.line([axis.at(t / 9) for t in range(9)], width=3.4, ink="#fff")
    p.line([axis.at(t / 9) for t in range(9)], width=1)


def argemone_stem(p: Plate, points: Sequence[Point]) -> None:
    p.stem(points, 10, "#cfe0cb")
    prickles(p, [(x + p.vary(4), y) for x, y, _ in sampled(points, 16)], 11)


def draw_seedling(p: Plate) -> None:
    seed_leaves(p, (180, 262), 84, 0.04, PALE_GREEN)
    for angle, length in ((26, 132), (154, 130), (62, 144), (118, 144), (90, 112), (-26, 106), (206, 106)):
        thistle(p, (180, 258), angle, length, bend=6 if angle < 90 else -6, clasp=False)
    p.bar(58)


def draw_leaf(p: Plate) -> None:
    argemone_stem(p, [(184, 440), (178, 300), (182, 150), (180, 30)])
    thistle(p, (180, 356), 26, 170, bend=14)
    thistle(p, (181, 250), 154, 168, bend=-14)
    thistle(p, (181, 150), 40, 146, bend=12)
    p.bar(46)


def draw_bud(p: Plate) -> None:
    argemone_stem(p, [(176, 445), (182, 330), (180, 236)])
    thistle(p, (179, 390), 30, 150, bend=10)
    thistle(p, (180, 350), 150, 140, bend=-10)
    for x, tip in ((152, (128, 78)), (180, (180, 62)), (208, (232, 78))):
        p.shape([(x - 12, 130), tip, (x + 12, 130)], "#b3cfb4", sharp=True)
    p.shape(
        [
            (160, 236),
            (134, 200),
            (134, 150),
            (156, 116),
            (180, 110),
            (204, 116),
            (226, 150),
            (226, 200),
            (200, 236),
        ],
        "#b3cfb4",
    )
    p.line([(180, 112), (176, 170), (180, 234)])
    prickles(p, [(150 + 15 * (n % 5), 140 + 22 * (n // 5)) for n in range(20)], 12)
    p.bar(84)


def draw_flower(p: Plate) -> None:
    argemone_stem(p, [(178, 445), (182, 340), (180, 200)])
    thistle(p, (180, 410), 28, 150, bend=10)
    thistle(p, (181, 380), 152, 132, bend=-10)
    centre = (180, 150)
    for angle in (30, 150, 270):
        petal(p, centre, angle, 124, 86, "#f3d843")
    for angle in (90, 210, 330):
        petal(p, centre, angle, 122, 84, "#f8e67c")
    stamens(p, centre, 12, 42, 34, "#e0a91a")
    p.dot(centre, 11, GREEN)
    for n in range(4):
        turn = math.pi / 4 + math.pi / 2 * n
        p.dot((180 + 9 * math.cos(turn), 150 - 9 * math.sin(turn)), 5, "#a33a3a")
    p.bar(70)


def draw_capsule(p: Plate) -> None:
    argemone_stem(p, [(184, 445), (178, 380), (180, 320)])
    body = [
        (166, 322),
        (128, 280),
        (116, 210),
        (134, 140),
        (166, 104),
        (194, 104),
        (226, 140),
        (244, 210),
        (232, 280),
        (194, 322),
    ]
    for x, y in [*body[1:-1], (120, 245), (124, 172), (240, 245), (236, 172)]:
        out = math.atan2(y - 213, x - 180)
        p.line([(x, y), (x + 22 * math.cos(out), y + 22 * math.sin(out))], width=2)
    p.shape(body, "#c4d9b4")
    for x in (150, 180, 210):
        p.line([(180 + (x - 180) * 0.5, 318), (x, 213), (180 + (x - 180) * 0.5, 108)], width=1.2)
    prickles(p, [(144 + 18 * (n % 5), 144 + 32 * (n // 5)) for n in range(25)], 14)
    for n in range(4):
        p.dot((159 + 14 * n, 98), 9, "#a33a3a")
    p.bar(92)
