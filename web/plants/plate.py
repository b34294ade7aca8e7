"""A plate as it is drawn: lines, shapes and stems as SVG, and the midrib along which a leaf lies."""

import math
import random
from collections.abc import Sequence

Point = tuple[float, float]
WIDTH, HEIGHT = 360, 450
INK = "#22332b"


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
        self.put((straight if sharp else smooth)(points, closed=True), fill=fill, width=width)

    def line(self, points: Sequence[Point], *, width: float = 1.2, ink: str = INK) -> None:
        self.put(smooth(points), width=width, line=ink)

    def dot(self, at: Point, radius: float, fill: str, *, width: float = 1.2) -> None:
        x, y = at
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{INK}" stroke-width="{width:g}"/>'
        )

    def stem(self, points: Sequence[Point], thick: float, fill: str, *, hairs: str = "") -> None:
        """A round stem along the points; `hairs` are `bristly` or `few` (near its end)."""
        data = smooth(points)
        if hairs:
            path = sampled(points, 46 if hairs == "bristly" else 60)
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


def straight(points: Sequence[Point], *, closed: bool = False) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + ("Z" if closed else "")


def smooth(points: Sequence[Point], *, closed: bool = False) -> str:
    """A curve through the points (Catmull and Rom's, as Bézier curves)."""
    count = len(points)
    if count < 3:
        return straight(points)

    def at(place: int) -> Point:
        return points[place % count] if closed else points[max(0, min(count - 1, place))]

    data = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for place in range(count if closed else count - 1):
        a, b, c, d = at(place - 1), at(place), at(place + 1), at(place + 2)
        first = (b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6)
        second = (c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6)
        data.append(f"C{first[0]:.1f},{first[1]:.1f} {second[0]:.1f},{second[1]:.1f} {c[0]:.1f},{c[1]:.1f}")
    return "".join(data) + ("Z" if closed else "")


def sampled(points: Sequence[Point], count: int) -> list[tuple[float, float, float]]:
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
