"""Draws the plates of the poppy check: our own line drawings of opium poppy and its look-alikes, as SVG.

    python web/plants/draw.py      writes src/wangge/campaigns/static/campaigns/plants/*.svg

Nothing is traced: shapes are made from the marks by which a botanist tells the species apart (how a leaf sits, how it is cut,
hairs, bud, crown of the capsule). A bar on a plate is two centimetres long.
"""

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

Point = tuple[float, float]
FOLDER = Path(__file__).parents[2] / "src/wangge/campaigns/static/campaigns/plants"
WIDTH, HEIGHT = 360, 450
INK = "#22332b"
BLUE_GREEN, PALE_BLUE = "#b4cdc8", "#d3e2de"  # under its bloom of wax
GREEN, PALE_GREEN = "#a5cc86", "#cfe5b8"


class Plate:
    """One drawing. What is drawn later lies on top."""

    def __init__(self, name: str) -> None:
        self.name, self.parts = name, []
        self.view = (60, 105, 240, 300) if name.endswith("seedling") else (0, 0, WIDTH, HEIGHT)
        self.chance = random.Random(name)

    def vary(self, spread: float) -> float:
        return self.chance.uniform(-spread, spread)

    def put(self, data: str, *, fill: str = "none", line: str = INK, width: float = 2) -> None:
        self.parts.append(f'<path d="{data}" fill="{fill}" stroke="{line}" stroke-width="{width:g}"/>')

    def shape(self, points: Sequence[Point], fill: str, *, width: float = 2, sharp: bool = False) -> None:
        """A closed outline through the points."""
        self.put((_straight if sharp else _smooth)(points, closed=True), fill=fill, width=width)

    def line(self, points: Sequence[Point], *, width: float = 1.2, ink: str = INK) -> None:
        self.put(_smooth(points), width=width, line=ink)

    def dot(self, at: Point, radius: float, fill: str, *, width: float = 1.2) -> None:
        x, y = at
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{INK}" stroke-width="{width:g}"/>'
        )

    def stem(self, points: Sequence[Point], thick: float, fill: str, *, hairs: str = "") -> None:
        """A round stem along the points; `hairs` are `bristly` or `few` (near its end)."""
        data = _smooth(points)
        if hairs:
            path = _sampled(points, 46 if hairs == "bristly" else 60)
            chosen = path if hairs == "bristly" else path[-16:-4:3]
            for number, (x, y, turn) in enumerate(chosen):
                side = 1 if number % 2 else -1
                far = thick / 2 + 8 + self.vary(2)
                out = turn + side * (math.pi / 2 - 0.25)
                self.line([(x, y), (x + far * math.cos(out), y + far * math.sin(out))], width=1.1)
        self.parts.append(
            f'<path d="{data}" fill="none" stroke="{INK}" stroke-width="{thick + 3:g}"/>'
            f'<path d="{data}" fill="none" stroke="{fill}" stroke-width="{thick:g}"/>'
        )

    def bar(self, two_centimetres: float) -> None:
        """Two centimetres, at the lower right."""
        x, y, wide, high = self.view
        right, y = x + wide - wide / 20, y + high - high / 32
        left = right - two_centimetres
        self.put(f"M{left:g},{y - 5:g}v10M{left:g},{y:g}H{right:g}M{right:g},{y - 5:g}v10", width=1.5)
        self.parts.append(
            f'<text x="{(left + right) / 2:g}" y="{y - 8:g}" font-family="sans-serif" font-size="{wide / 27:.0f}" fill="{INK}"'
            ' text-anchor="middle">2 cm</text>'
        )

    def svg(self) -> str:
        x, y, wide, high = self.view
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {wide} {high}" stroke-linecap="round"'
            f' stroke-linejoin="round"><rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="#fff"/>'
            f"{''.join(self.parts)}</svg>\n"
        )


def _straight(points: Sequence[Point], *, closed: bool = False) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + ("Z" if closed else "")


def _smooth(points: Sequence[Point], *, closed: bool = False) -> str:
    """A curve through the points (Catmull and Rom's, as Bézier curves)."""
    count = len(points)
    if count < 3:
        return _straight(points)

    def at(place: int) -> Point:
        return points[place % count] if closed else points[max(0, min(count - 1, place))]

    data = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for place in range(count if closed else count - 1):
        a, b, c, d = at(place - 1), at(place), at(place + 1), at(place + 2)
        first = (b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6)
        second = (c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6)
        data.append(f"C{first[0]:.1f},{first[1]:.1f} {second[0]:.1f},{second[1]:.1f} {c[0]:.1f},{c[1]:.1f}")
    return "".join(data) + ("Z" if closed else "")


def _sampled(points: Sequence[Point], count: int) -> list[tuple[float, float, float]]:
    """Places along the curve with the direction there."""
    spots: list[Point] = []
    for place in range(len(points) - 1):
        a, b = points[max(0, place - 1)], points[place]
        c, d = points[place + 1], points[min(len(points) - 1, place + 2)]
        for step in range(12):
            t = step / 12
            spots.append(tuple(_catmull(a[i], b[i], c[i], d[i], t) for i in (0, 1)))
    spots.append(points[-1])
    chosen = [spots[round(n * (len(spots) - 1) / (count - 1))] for n in range(count)]
    result = []
    for number, (x, y) in enumerate(chosen):
        after, before = chosen[min(number + 1, count - 1)], chosen[max(number - 1, 0)]
        result.append((x, y, math.atan2(after[1] - before[1], after[0] - before[0])))
    return result


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


class Axis:
    """A leaf's midrib: from `base` in direction `angle` (degrees, 0 to the right, 90 up), bending on its way."""

    def __init__(self, base: Point, angle: float, length: float, bend: float = 0) -> None:
        self.length = length
        self.points, turns = [base], []
        for step in range(40):
            turn = math.radians(angle + bend * step / 40)
            x, y = self.points[-1]
            self.points.append((x + length / 40 * math.cos(turn), y - length / 40 * math.sin(turn)))
            turns.append(turn)
        self.turns = [*turns, turns[-1]]

    def at(self, along: float, aside: float = 0) -> Point:
        """`along` from 0 to 1, below 0 behind the base; `aside` in units of the length, to the left."""
        place = min(40.0, max(0.0, along * 40))
        low = min(39, int(place))
        (x, y), (u, v) = self.points[low], self.points[low + 1]
        turn = self.turns[low]
        px, py = x + (u - x) * (place - low), y + (v - y) * (place - low)
        if along < 0:
            px += along * self.length * math.cos(turn)
            py -= along * self.length * math.sin(turn)
        if along > 1:
            px += (along - 1) * self.length * math.cos(turn)
            py -= (along - 1) * self.length * math.sin(turn)
        far = aside * self.length
        return px - far * math.sin(turn), py - far * math.cos(turn)


def _leaf(
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
        _leaf(plate, axis, half, fill)


def threads(
    plate: Plate, base: Point, angle: float, length: float, depth: int, ink: str, spread: float = 34
) -> None:
    """A leaf that is cut into threads, three by three."""
    turn = math.radians(angle)
    end = (base[0] + length * math.cos(turn), base[1] - length * math.sin(turn))
    width = 1.6 + depth * 1.1
    data = _straight([base, end])
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
    plate.put(_smooth([centre, *far], closed=True), fill=ink, width=0)


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


# --- opium poppy -------------------------------------------------------------------------------------------------------


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
    _leaf(plate, axis, wavy_half(plate, width, 7, start, widest=0.55, broad=clasp), BLUE_GREEN, veins=6)


def somniferum_seedling(p: Plate) -> None:
    seed_leaves(p, (180, 262), 78, 0.05, PALE_BLUE)
    for angle, length in ((28, 118), (150, 116), (-28, 112), (208, 112), (62, 132), (118, 132)):
        axis = Axis((180, 258), angle, length, 14 if angle in (28, 62) else -14 if angle in (150, 118) else 0)
        base = [(0, 0.02), (0.18, 0.025), (0.34, 0.1)]
        _leaf(p, axis, wavy_half(p, 0.2, 4, base, widest=0.66, deep=0.24), BLUE_GREEN, veins=4)
    for angle in (82, 100):
        axis = Axis((180, 254), angle, 70)
        _leaf(p, axis, wavy_half(p, 0.2, 3, [(0, 0.03), (0.25, 0.1)], widest=0.6), PALE_BLUE)
    p.bar(64)


def somniferum_leaf(p: Plate) -> None:
    p.stem([(186, 440), (180, 300), (178, 150), (182, 30)], 17, PALE_BLUE)
    opium_leaf(p, (178, 340), 24, 178, bend=18)
    opium_leaf(p, (184, 238), 152, 172, bend=-16)
    opium_leaf(p, (180, 140), 40, 140, bend=16)
    p.bar(44)


def somniferum_bud(p: Plate) -> None:
    opium_leaf(p, (120, 372), 150, 118, bend=-20)
    p.stem([(120, 445), (124, 300), (150, 150), (200, 84), (248, 96), (258, 140)], 11, PALE_BLUE, hairs="few")
    opium_leaf(p, (122, 330), 28, 166, bend=12)
    nodding_bud(p, (258, 142), 82, 122, BLUE_GREEN, hairs=False, lean=-4)
    p.bar(64)


def somniferum_flower(p: Plate) -> None:
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


def somniferum_capsule(p: Plate) -> None:
    p.stem([(180, 445), (178, 380), (180, 318)], 12, PALE_BLUE)
    capsule(p, (180, 312), 172, 200, 14, BLUE_GREEN, top=0.66)
    p.bar(74)


# --- field poppy -------------------------------------------------------------------------------------------------------


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
    _leaf(plate, axis, cut_half(plate, width, lobes, teeth=teeth), fill)


def rhoeas_seedling(p: Plate) -> None:
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
        _leaf(p, axis, cut_half(p, 0.2, lobes, stalk=0.34, fat=0.6), GREEN)
    p.bar(64)


def rhoeas_leaf(p: Plate) -> None:
    p.stem([(176, 440), (182, 300), (178, 160), (184, 30)], 8, PALE_GREEN, hairs="bristly")
    feather(p, (180, 350), 30, 170, bend=14, teeth=2)
    feather(p, (181, 250), 150, 170, bend=-14, teeth=2)
    feather(p, (179, 150), 42, 146, bend=12)
    p.bar(52)


def rhoeas_bud(p: Plate) -> None:
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


def rhoeas_flower(p: Plate) -> None:
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


def rhoeas_capsule(p: Plate) -> None:
    p.stem([(186, 445), (178, 360), (180, 284)], 7, PALE_GREEN, hairs="bristly")
    capsule(p, (180, 280), 92, 116, 10, GREEN, top=0.86, narrow=0.5, collar=False)
    p.bar(148)


# --- Iceland poppy -----------------------------------------------------------------------------------------------------


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
        _leaf(p, axis, cut_half(p, 0.19, 3, stalk=0.44, forward=0.08, fat=0.66), "#b5cf9e")


def bare_stalk(p: Plate, points: Sequence[Point]) -> None:
    p.stem(points, 5, PALE_GREEN, hairs="bristly")


def nudicaule_seedling(p: Plate) -> None:
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
        _leaf(p, axis, cut_half(p, 0.17, lobes, stalk=0.52, forward=0.06, fat=0.7), "#b5cf9e")
        for n in range(5):
            side = 1 if n % 2 else -1
            p.line([axis.at(0.15 + 0.09 * n, 0.012 * side), axis.at(0.19 + 0.09 * n, 0.07 * side)], width=1)
    p.bar(64)


def nudicaule_leaf(p: Plate) -> None:
    bare_stalk(p, [(178, 380), (166, 240), (170, 40)])
    bare_stalk(p, [(184, 380), (214, 260), (222, 90)])
    nudicaule_tuft(p, (180, 388), 205)
    p.bar(44)


def nudicaule_bud(p: Plate) -> None:
    bare_stalk(p, [(160, 392), (156, 260), (176, 120), (212, 72), (246, 84), (254, 120)])
    nudicaule_tuft(p, (160, 396), 150)
    nudicaule_tip = (254, 122)
    nodding_bud(p, nudicaule_tip, 54, 82, "#a98f63", hairs=True, lean=-2)
    p.bar(74)


def nudicaule_flower(p: Plate) -> None:
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


def nudicaule_capsule(p: Plate) -> None:
    bare_stalk(p, [(182, 445), (176, 360), (180, 290)])
    capsule(p, (180, 286), 76, 138, 6, "#b5cf9e", top=0.92, hairs=True, narrow=0.5, collar=False)
    p.bar(160)


# --- California poppy --------------------------------------------------------------------------------------------------

_ESCH = "#b9cfc0"


def eschscholzia_seedling(p: Plate) -> None:
    for angle in (12, 40, 140, 168):  # each seed leaf is a fork
        threads(p, (180, 262), angle, 70, 0, PALE_GREEN)
    for angle, length in ((28, 52), (64, 58), (90, 62), (118, 58), (152, 52)):
        threads(p, (180, 258), angle, length, 2, _ESCH)
    p.bar(64)


def eschscholzia_leaf(p: Plate) -> None:
    p.stem([(180, 440), (182, 330), (178, 220)], 6, _ESCH)
    for base, angle, length in (
        ((181, 380), 24, 80),
        ((181, 350), 158, 80),
        ((180, 290), 44, 74),
        ((180, 266), 134, 76),
        ((178, 222), 86, 78),
    ):
        threads(p, base, angle, length, 3, _ESCH)
    p.bar(52)


def eschscholzia_bud(p: Plate) -> None:
    p.stem([(170, 445), (176, 320), (184, 210)], 5, _ESCH)
    threads(p, (174, 380), 30, 62, 3, _ESCH)
    threads(p, (174, 360), 152, 62, 3, _ESCH)
    p.shape([(158, 212), (166, 200), (202, 200), (210, 212), (184, 222)], "#e9b7a3")
    p.shape([(168, 200), (162, 160), (170, 110), (184, 56), (198, 110), (206, 160), (200, 200)], "#c9dcc8")
    p.line([(184, 58), (180, 130), (182, 198)])
    p.bar(96)


def eschscholzia_flower(p: Plate) -> None:
    p.stem([(170, 445), (176, 330), (180, 220)], 5, _ESCH)
    threads(p, (174, 400), 30, 56, 3, _ESCH)
    threads(p, (174, 384), 152, 56, 3, _ESCH)
    centre = (180, 196)
    petal(p, centre, 90, 136, 86, "#f08a1d")
    for angle in (140, 40):
        petal(p, centre, angle, 134, 80, "#f59f2f")
    petal(p, centre, 90, 92, 112, "#f8b24a")
    for angle in (66, 78, 90, 102, 114):
        threads(p, centre, angle, 44, 0, "#f7d154")
    p.shape([(150, 204), (180, 188), (210, 204), (180, 214)], "#e9b7a3")
    p.bar(64)


def eschscholzia_capsule(p: Plate) -> None:
    p.stem([(150, 445), (156, 390), (164, 350)], 5, _ESCH)
    p.shape([(146, 352), (154, 342), (176, 340), (184, 350), (164, 360)], "#e9b7a3")
    axis = Axis((165, 344), 84, 296, -16)
    _leaf(p, axis, [(0, 0.022), (0.2, 0.034), (0.7, 0.03), (0.94, 0.014), (1, 0)], "#c9d6a4")
    for side in (-0.018, 0.018):
        p.line([axis.at(t / 10, side) for t in range(10)], width=0.9)
    p.bar(92)


# --- prickly poppy -----------------------------------------------------------------------------------------------------


def thistle(
    p: Plate, base: Point, angle: float, length: float, *, bend: float = 0, clasp: bool = True
) -> None:
    axis = Axis(base, angle, length, bend)
    half = cut_half(p, 0.28, 4, rachis=0.075, stalk=0.06, forward=0.03, fat=0.45)
    if clasp:
        half = [(0, 0.02), (-0.07, 0.08), (-0.09, 0.16), (0.02, 0.15), *half[2:]]
    _leaf(p, axis, half, "#b3cfb4", sharp=True)
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
    prickles(p, [(x + p.vary(4), y) for x, y, _ in _sampled(points, 16)], 11)


def argemone_seedling(p: Plate) -> None:
    seed_leaves(p, (180, 262), 84, 0.04, PALE_GREEN)
    for angle, length in ((26, 132), (154, 130), (62, 144), (118, 144), (90, 112), (-26, 106), (206, 106)):
        thistle(p, (180, 258), angle, length, bend=6 if angle < 90 else -6, clasp=False)
    p.bar(58)


def argemone_leaf(p: Plate) -> None:
    argemone_stem(p, [(184, 440), (178, 300), (182, 150), (180, 30)])
    thistle(p, (180, 356), 26, 170, bend=14)
    thistle(p, (181, 250), 154, 168, bend=-14)
    thistle(p, (181, 150), 40, 146, bend=12)
    p.bar(46)


def argemone_bud(p: Plate) -> None:
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


def argemone_flower(p: Plate) -> None:
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


def argemone_capsule(p: Plate) -> None:
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


# --- lettuce -----------------------------------------------------------------------------------------------------------


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
    _leaf(p, axis, wavy_half(p, width, 6, start, widest=0.4 if ears else 0.68, deep=0.06), "#bfe08f", veins=5)
    p.line([axis.at(t / 9) for t in range(8)], width=6, ink="#f3f8e6")
    p.line([axis.at(t / 9, 0.012) for t in range(8)], width=0.9)
    p.line([axis.at(t / 9, -0.012) for t in range(8)], width=0.9)


def lactuca_seedling(p: Plate) -> None:
    for angle in (10, 170):
        axis = Axis((180, 262), angle, 62)
        _leaf(p, axis, [(0, 0.03), (0.35, 0.06), (0.65, 0.2), (0.9, 0.16), (1, 0)], PALE_GREEN)
    for angle, length in ((34, 124), (146, 122), (66, 142), (114, 140), (90, 120)):
        lettuce_leaf_at(p, (180, 258), angle, length, bend=10 if angle < 90 else -10, width=0.22)
    p.bar(64)


def lactuca_leaf(p: Plate) -> None:
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


def lactuca_bud(p: Plate) -> None:
    for x, y in _panicle(p):
        bracts(p, (x, y + 6), 34, 58, "#bfe08f")
        p.line([(x - 9, y - 52), (x, y - 62), (x + 9, y - 52)], width=1.6)
    p.bar(96)


def lactuca_flower(p: Plate) -> None:
    for number, (x, y) in enumerate(_panicle(p)):
        bracts(p, (x, y + 6), 26, 40, "#bfe08f")
        if number != 2:
            daisy(p, (x, y - 42), 34, 12, "#f6dd55")
    daisy(p, (182, 44), 40, 13, "#f6dd55")
    p.bar(84)


def lactuca_capsule(p: Plate) -> None:
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


SPECIES = {
    "papaver-somniferum": "somniferum",
    "papaver-rhoeas": "rhoeas",
    "papaver-nudicaule": "nudicaule",
    "eschscholzia-californica": "eschscholzia",
    "argemone-mexicana": "argemone",
    "lactuca-sativa": "lactuca",
}
STAGES = ("seedling", "leaf", "bud", "flower", "capsule")


def draw_all(folder: Path) -> list[Path]:
    """Every plate; the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for code, name in SPECIES.items():
        for stage in STAGES:
            plate = Plate(f"{code}-{stage}")
            draw: Callable[[Plate], None] = globals()[f"{name}_{stage}"]
            draw(plate)
            file = folder / f"{plate.name}.svg"
            file.write_text(plate.svg(), "utf-8")
            written.append(file)
    return written


if __name__ == "__main__":
    for each in draw_all(FOLDER):
        print(each.name, each.stat().st_size)
