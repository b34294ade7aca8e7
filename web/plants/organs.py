"""The parts that plants have in common: leaves and their edges, petals, stamens, capsules, buds."""

import math
from collections.abc import Sequence

from plate import Axis, Plate, Point, smooth, straight

BLUE_GREEN, PALE_BLUE = "#b4cdc8", "#d3e2de"  # under its bloom of wax
GREEN, PALE_GREEN = "#a5cc86", "#cfe5b8"


def leaf(
    plate: Plate, axis: Axis, half: Sequence[Point], fill: str, *, veins: int = 0, sharp: bool = False
) -> None:
    """A leaf from the outline of one half, (along, aside) from base to tip, mirrored; midrib and veins drawn in."""
    left = [axis.at(t, s) for t, s in half]
    right = [axis.at(t + plate.vary(0.006), -s * (1 + plate.vary(0.03))) for t, s in reversed(half[:-1])]
    plate.shape([*left, *right], fill, sharp=sharp)
    plate.line([axis.at(t / 8) for t in range(8)], width=1.6)
    widest = max(s for _, s in half)
    for number in range(veins):
        t = 0.1 + 0.72 * number / veins
        reach = widest * 0.66 * math.sin(math.pi * min(0.97, t + 0.18)) ** 0.7
        for side in (1, -1):
            plate.line(
                [axis.at(t), axis.at(t + 0.05, side * reach * 0.5), axis.at(t + 0.12, side * reach)],
                width=0.9,
            )


def wavy_half(
    plate: Plate,
    width: float,
    teeth: int,
    base: Sequence[Point],
    *,
    widest: float = 0.35,
    deep: float = 0.2,
    broad: bool = False,
) -> list[Point]:
    """Coarse wavy teeth along an egg-shaped leaf."""

    def profile(t: float) -> float:
        if broad:  # as wide at its base as in its middle
            return width * (1 - t**2.4) * (0.9 + 0.45 * t * (1 - t))
        return (
            width
            * (
                math.sin(math.pi / 2 * t / widest)
                if t < widest
                else math.cos(math.pi / 2 * (t - widest) / (1 - widest))
            )
            ** 0.8
        )

    start = base[-1][0]
    half = list(base)
    for number in range(teeth):
        step = (0.97 - start) / teeth
        t = start + step * number
        big = 1 + plate.vary(0.06)
        half += [
            (t + step * 0.35, profile(t + step * 0.35) * (1 - deep)),
            (t + step * 0.62, profile(t + step * 0.5) * 1.04 * big),
            (t + step * 0.92, profile(t + step * 0.9) * 1.02 * big),
        ]
    return [*half, (1, 0)]


def cut_half(
    plate: Plate, width: float, lobes: int, *, rachis: float = 0.02, stalk: float = 0.12, forward: float = 0.1,
    teeth: int = 0, fat: float = 0.55,
) -> list[Point]:  # fmt: skip
    """Deep cuts like a feather; `teeth` on the lower edge of each lobe."""
    half = [(0, rachis * 0.8), (stalk, rachis)]
    step = (0.93 - stalk) / lobes
    for number in range(lobes):
        t = stalk + step * number
        reach = (
            width * math.sin(math.pi * (0.2 + 0.68 * (number + 0.5) / lobes)) ** 0.9 * (1 + plate.vary(0.08))
        )
        half.append((t + step * 0.08, rachis * 1.1))
        for tooth in range(teeth):
            part = 0.4 + 0.45 * tooth / max(1, teeth)
            half += [
                (t + step * 0.1 + forward * part * 0.8, rachis + reach * part),
                (t + step * 0.02 + forward * part, rachis + reach * (part + 0.12)),
            ]
        half += [
            (t + step * 0.12 + forward * 0.6, reach * 0.72),
            (t + step * 0.4 + forward, reach),
            (t + step * fat + forward * 0.75, reach * 0.62),
            (t + step * 0.8, rachis * 1.6),
        ]
    return [*half, (0.95, width * 0.16), (1, 0)]


def clasping(width: float) -> list[Point]:
    """The base of an opium poppy's leaf: two round lobes around the stem."""
    return [
        (0.0, 0.02), (-0.06, width * 0.22), (-0.115, width * 0.5), (-0.09, width * 0.8), (0.02, width * 0.92),
    ]  # fmt: skip


def eared(width: float) -> list[Point]:
    """Two pointed ears that reach behind the stem."""
    return [
        (0.0, 0.02),
        (-0.05, width * 0.25),
        (-0.16, width * 0.62),
        (-0.03, width * 0.62),
        (0.04, width * 0.66),
    ]


def narrowed(width: float) -> list[Point]:
    """A base that narrows into a broad stalk."""
    return [(0.0, 0.025), (0.1, 0.03), (0.2, width * 0.35)]


def seed_leaves(plate: Plate, at: Point, length: float, wide: float, fill: str) -> None:
    """The two first leaves of a seedling, narrow, low at the ground."""
    for angle in (4, 176):
        axis = Axis(at, angle, length, 8 if angle < 90 else -8)
        half = [(0, 0.02), (0.35, wide), (0.8, wide), (1, 0)]
        leaf(plate, axis, half, fill)


def threads(
    plate: Plate, base: Point, angle: float, length: float, depth: int, ink: str, spread: float = 34
) -> None:
    """A leaf that is cut into threads, three by three."""
    turn = math.radians(angle)
    end = (base[0] + length * math.cos(turn), base[1] - length * math.sin(turn))
    width = 1.6 + depth * 1.1
    data = straight([base, end])
    plate.put(data, width=width + 2.2)
    if depth:
        for part in (-1, 0, 1):
            threads(
                plate, end, angle + part * (spread + plate.vary(5)), length * (0.6 + 0.08 * (part == 0)), depth - 1, ink,
                spread * 0.92,
            )  # fmt: skip
    plate.put(data, line=ink, width=width)


def petal(
    plate: Plate, centre: Point, angle: float, reach: float, span: float, fill: str, *, flat: float = 0.86
) -> None:
    """One crumpled petal, a fan from the centre; `flat` presses the flower as seen a little from the side."""
    edge = []
    for step in range(13):
        part = -1 + step / 6
        turn = math.radians(angle + part * span / 2)
        far = reach * (1 - 0.16 * abs(part) ** 3) * (1 + plate.vary(0.035))
        edge.append((centre[0] + far * math.cos(turn), centre[1] - far * math.sin(turn) * flat))
    plate.shape([centre, *edge], fill)
    for step in range(1, 10):
        turn = math.radians(angle + (-1 + step / 5) * span / 2 * 0.86)
        near, far = reach * 0.3, reach * (0.62 + 0.2 * ((step * 7) % 3) / 2)
        plate.line(
            [
                (centre[0] + r * math.cos(turn), centre[1] - r * math.sin(turn) * flat)
                for r in (near, far)
            ],
            width=0.7,
        )  # fmt: skip


def blotch(plate: Plate, centre: Point, angle: float, reach: float, span: float, ink: str) -> None:
    """The dark mark at a petal's base."""
    turns = [math.radians(angle + part * span / 2) for part in (-1, -0.5, 0, 0.5, 1)]
    far = [(centre[0] + reach * math.cos(t), centre[1] - reach * math.sin(t) * 0.86) for t in turns]
    plate.put(smooth([centre, *far], closed=True), fill=ink, width=0)


def stamens(plate: Plate, centre: Point, inner: float, outer: float, count: int, tip: str) -> None:
    for number in range(count):
        turn = 2 * math.pi * number / count + plate.vary(0.08)
        far = outer * (1 + plate.vary(0.14))
        end = (centre[0] + far * math.cos(turn), centre[1] - far * math.sin(turn) * 0.86)
        near = (centre[0] + inner * math.cos(turn), centre[1] - inner * math.sin(turn) * 0.86)
        plate.line([near, end], width=0.8)
        plate.dot(end, 2.4, tip, width=0.6)


def disk(plate: Plate, centre: Point, radius: float, rays: int, fill: str) -> None:
    """The stigma's disk from above, with its rays."""
    edge = []
    for number in range(rays * 2):
        turn = math.pi * number / rays
        far = radius * (1.08 if number % 2 == 0 else 0.9)
        edge.append((centre[0] + far * math.cos(turn), centre[1] - far * math.sin(turn) * 0.86))
    plate.shape(edge, fill, width=1.5)
    for number in range(rays):
        turn = 2 * math.pi * number / rays
        plate.line(
            [
                centre,
                (
                    centre[0] + radius * 0.86 * math.cos(turn),
                    centre[1] - radius * 0.86 * math.sin(turn) * 0.86,
                ),
            ],
            width=1.3,
        )


def capsule(
    plate: Plate, foot: Point, width: float, height: float, rays: int, fill: str, *, top: float, hairs: bool = False,
    narrow: float = 0.62, collar: bool = True,
) -> None:  # fmt: skip
    """A capsule with its crown. `top` is the crown's width as a part of the capsule's, `narrow` how slim its lower part is."""
    x, y = foot
    half = width / 2
    left = [
        (-0.1, 0),
        (-narrow * 0.55, -0.12),
        (-0.93, -0.42),
        (-1, -0.62),
        (-0.86, -0.84),
        (-top * 0.62, -0.96),
    ]
    points = [(x + a * half, y + b * height) for a, b in left]
    points += [(2 * x - px, py) for px, py in reversed(points)]
    if hairs:
        for px, py in [
            *points,
            *[((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, points[1:], strict=False)],
        ]:
            if py > y - height * 0.93:
                out = 1 if px > x else -1
                plate.line([(px - out * 3, py), (px + out * 12, py - 8)], width=1.1)
    if collar:
        plate.shape([(x - 9, y + 12), (x - 13, y + 2), (x, y - 4), (x + 13, y + 2), (x + 9, y + 12)], fill)
    plate.shape(points, fill)
    for part in (-0.62, -0.25, 0.15, 0.55):
        plate.line(
            [
                (x + part * half * k, y - height * h)
                for k, h in ((0.45, 0.1), (1, 0.4), (1.06, 0.62), (0.7, 0.9))
            ],
            width=0.8,
        )
    if hairs:
        for row in range(5):
            for place in range(4):
                px, py = x + (-0.6 + 0.4 * place + plate.vary(0.08)) * half, y - height * (0.22 + 0.14 * row)
                plate.line([(px, py), (px + 4, py - 9)], width=1)
    crown, lift = half * top, y - height
    rim = [(x - crown, lift + 3)]
    scallops = max(5, rays // 2)
    for number in range(scallops):
        at = -1 + (2 * number + 1) / scallops
        rim += [
            (x + crown * at, lift - 8 - 4 * (1 - at * at)),
            (x + crown * (at + 1 / scallops), lift - 4 - 4 * (1 - at * at)),
        ]
    rim[-1] = (x + crown, lift + 3)
    plate.shape([*rim, (x + crown * 0.55, lift + 11), (x, lift + 14), (x - crown * 0.55, lift + 11)], fill)
    for number in range(scallops):
        at = -1 + (2 * number + 1) / scallops
        plate.line([(x, lift + 12), (x + crown * at * 0.7, lift + 1), (x + crown * at, lift - 6)], width=1)


def nodding_bud(
    plate: Plate, at: Point, width: float, height: float, fill: str, *, hairs: bool, lean: float = 12
) -> None:
    """A bud that hangs from `at`."""
    x, y = at
    lean = math.radians(lean)

    def turned(a: float, b: float) -> Point:
        return x + a * width * math.cos(lean) - b * height * math.sin(lean), y + a * width * math.sin(
            lean
        ) + b * height * math.cos(lean)

    outline = [
        turned(*p)
        for p in (
            (-0.12, 0),
            (-0.46, 0.22),
            (-0.5, 0.55),
            (-0.3, 0.88),
            (0, 1),
            (0.3, 0.88),
            (0.5, 0.55),
            (0.46, 0.22),
            (0.12, 0),
        )
    ]
    if hairs:
        for number in range(26):
            turn = math.pi * 2 * number / 26
            near = turned(0.47 * math.cos(turn), 0.5 + 0.47 * math.sin(turn))
            far = turned(0.68 * math.cos(turn), 0.5 + 0.62 * math.sin(turn))
            plate.line([near, far], width=1.1)
    plate.shape(outline, fill)
    plate.line([turned(*p) for p in ((0.06, 0.03), (0.16, 0.5), (0.02, 0.98))], width=1.3)
    if hairs:
        for number in range(14):
            a, b = -0.36 + 0.18 * (number % 5), 0.2 + 0.2 * (number // 5) + plate.vary(0.04)
            plate.line([turned(a, b), turned(a * 1.15 - 0.02, b + 0.13)], width=1)


def daisy(plate: Plate, centre: Point, reach: float, rays: int, fill: str) -> None:
    """A head of ray florets, each ending in five teeth, as a lettuce has it."""
    for ring, far in ((0, reach), (1, reach * 0.7)):
        for number in range(rays):
            turn = 360 * (number + ring / 2) / rays
            axis = Axis(centre, turn, far)
            half = [(0, 0.05), (0.5, 0.15), (1, 0.17), (0.94, 0.1), (1, 0.05), (0.95, 0)]
            outline = [axis.at(t, s) for t, s in half] + [axis.at(t, -s) for t, s in reversed(half[:-1])]
            plate.shape(outline, fill, width=0.8, sharp=True)
    plate.dot(centre, reach * 0.16, fill)


def bracts(plate: Plate, foot: Point, width: float, height: float, fill: str) -> None:
    """The scaly cup below the head of a lettuce."""
    x, y = foot
    plate.shape(
        [(x - width * 0.3, y), (x - width * 0.5, y - height * 0.4), (x - width * 0.36, y - height), (x + width * 0.36, y - height),
         (x + width * 0.5, y - height * 0.4), (x + width * 0.3, y)], fill,
    )  # fmt: skip
    for row, count in ((0.05, 2), (0.3, 3), (0.55, 2)):
        for number in range(count):
            px = x + width * (-0.28 + 0.56 * (number + 0.5) / count)
            plate.line(
                [
                    (px - width * 0.13, y - height * row),
                    (px, y - height * (row + 0.3)),
                    (px + width * 0.13, y - height * row),
                ]
            )


def prickles(plate: Plate, points: Sequence[Point], size: float) -> None:
    for number, (x, y) in enumerate(points):
        turn = number * 2.4
        plate.put(f"M{x:.1f},{y:.1f}l{size * math.cos(turn):.1f},{size * math.sin(turn):.1f}", width=1.5)
