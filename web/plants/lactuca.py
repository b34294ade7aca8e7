"""Lettuce."""

import math

from organs import PALE_GREEN, bracts, daisy, eared, leaf, wavy_half
from plate import Axis, Plate, Point


def lettuce_leaf_at(
    p: Plate,
    base: Point,
    angle: float,
    length: float,
    *,
    bend: float = 0,
    ears: bool = False,
    width: float = 0.27,
) -> None:
    axis = Axis(base, angle, length, bend)
    start = eared(width) if ears else [(0, 0.03), (0.12, 0.06)]
    leaf(p, axis, wavy_half(p, width, 6, start, widest=0.4 if ears else 0.68, deep=0.06), "#bfe08f", veins=5)
    p.line([axis.at(t / 9) for t in range(8)], width=6, ink="#f3f8e6")
    p.line([axis.at(t / 9, 0.012) for t in range(8)], width=0.9)
    p.line([axis.at(t / 9, -0.012) for t in range(8)], width=0.9)


def draw_seedling(p: Plate) -> None:
    for angle in (10, 170):
        axis = Axis((180, 262), angle, 62)
        leaf(p, axis, [(0, 0.03), (0.35, 0.06), (0.65, 0.2), (0.9, 0.16), (1, 0)], PALE_GREEN)
    for angle, length in ((34, 124), (146, 122), (66, 142), (114, 140), (90, 120)):
        lettuce_leaf_at(p, (180, 258), angle, length, bend=10 if angle < 90 else -10, width=0.22)
    p.bar(64)


def draw_leaf(p: Plate) -> None:
    p.stem([(184, 440), (178, 300), (182, 150), (180, 30)], 18, "#dcecc0")
    lettuce_leaf_at(p, (180, 350), 24, 176, bend=16, ears=True)
    lettuce_leaf_at(p, (181, 250), 156, 172, bend=-16, ears=True)
    lettuce_leaf_at(p, (181, 146), 38, 146, bend=14, ears=True)
    p.bar(46)


def _panicle(p: Plate) -> list[Point]:
    p.stem([(180, 445), (182, 330), (180, 200)], 9, "#dcecc0")
    lettuce_leaf_at(p, (181, 400), 28, 126, bend=10, ears=True, width=0.24)
    ends = [(96, 150), (140, 104), (182, 84), (226, 108), (266, 152)]
    for number, end in enumerate(ends):
        start = (180 + (number - 2) * 2, 320 - 34 * (2 - abs(number - 2)))
        p.stem(
            [start, ((start[0] + end[0]) / 2 + (end[0] - 180) * 0.12, (start[1] + end[1]) / 2), end],
            4,
            "#dcecc0",
        )
    return ends


def draw_bud(p: Plate) -> None:
    for x, y in _panicle(p):
        bracts(p, (x, y + 6), 34, 58, "#bfe08f")
        p.line([(x - 9, y - 52), (x, y - 62), (x + 9, y - 52)], width=1.6)
    p.bar(96)


def draw_flower(p: Plate) -> None:
    for number, (x, y) in enumerate(_panicle(p)):
        bracts(p, (x, y + 6), 26, 40, "#bfe08f")
        if number != 2:
            daisy(p, (x, y - 42), 34, 12, "#f6dd55")
    daisy(p, (182, 44), 40, 13, "#f6dd55")
    p.bar(84)


def draw_capsule(p: Plate) -> None:
    p.stem([(120, 445), (116, 380), (120, 320)], 7, "#dcecc0")
    bracts(p, (120, 324), 52, 78, "#d3cf9a")
    for number in range(9):
        turn = math.radians(30 + 15 * number)
        end = (120 + 104 * math.cos(turn), 246 - 104 * math.sin(turn))
        p.line([(120, 250), end], width=1)
        _fluff(p, end, 26)
    p.shape([(262, 330), (250, 296), (256, 262), (264, 250), (272, 262), (278, 296), (266, 330)], "#a58a5c")
    for x in (258, 264, 270):
        p.line([(264, 326), (x, 290), (264, 254)], width=0.8)
    p.line([(264, 250), (264, 176)], width=1.4)
    _fluff(p, (264, 176), 54)


def _fluff(p: Plate, at: Point, size: float) -> None:
    for number in range(15):
        turn = math.radians(20 + 10 * number)
        p.line([at, (at[0] + size * math.cos(turn), at[1] - size * math.sin(turn))], width=0.8)
