"""A small map drawn on the server: boundaries as SVG, a point, a scale. No tiles, no script, nothing from outside."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext

WIDTH, HEIGHT, MARGIN = 480, 340, 20
_METRES_PER_DEGREE = 111_320.0
_ROUND_METRES = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area: `kind` is `own`, `beside` or `around`; `label` where its name stands, nothing when it is too small."""

    name: str
    kind: str
    outline: str
    label: Position | None


@dataclass(frozen=True, slots=True)
class Frame:
    """How degrees become pixels, told to the page's script too: x = (lon - west) * per_lon, y = (north - lat) * per_lat."""

    west: float
    north: float
    per_lon: float
    per_lat: float

    def place(self, lon: float, lat: float) -> Position:
        return round((lon - self.west) * self.per_lon, 1), round((self.north - lat) * self.per_lat, 1)


@dataclass(frozen=True, slots=True)
class Spot:
    """Several cases near one another: how many, in a circle; `warm` ones only show where many are."""

    x: float
    y: float
    size: float
    count: int
    overdue: bool
    warm: bool


@dataclass(frozen=True, slots=True)
class Map:
    """What the template draws."""

    title: str
    frame: Frame
    shapes: list[Drawn] = field(default_factory=list)
    point: Position | None = None
    spots: list[Spot] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    made_up: bool = False
    scale_length: float = 0
    scale_words: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    scale_y: int = HEIGHT - 12
    scale_text_y: int = HEIGHT - 20

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What is seen, in degrees: west, south, east, north."""
        frame = self.frame
        return (
            frame.west,
            frame.north - self.height / frame.per_lat,
            frame.west + self.width / frame.per_lon,
            frame.north,
        )


def draw(
    areas: Iterable[tuple[Any, str]],
    *,
    title: str,
    point: Position | None = None,
    around: Sequence[Any] = (),
    zoom: float = 1.0,
) -> Map | None:
    """The map of areas `(area, kind)`, framed by `around` (else by those of kind `own`) and the point; None without any."""
    drawn = [(area, kind, list(_rings(area.boundary))) for area, kind in areas if area.boundary]
    framing = [ring for area in around if area.boundary for ring in _rings(area.boundary)]
    framing = framing or [ring for _, kind, rings in drawn if kind == "own" for ring in rings]
    corners = [position for ring in framing for position in ring] + ([point] if point else [])
    if not drawn or not corners:
        return None
    frame, metres_per_pixel = _frame(corners, zoom)
    placed = frame.place(*point) if point else None
    shapes = [_shape(area.name, kind, rings, frame, placed) for area, kind, rings in drawn]
    metres = max(
        (step for step in _ROUND_METRES if step / metres_per_pixel <= WIDTH / 3.5), default=_ROUND_METRES[0]
    )
    return Map(
        title=title,
        frame=frame,
        shapes=[shape for shape in shapes if shape],
        point=placed,
        made_up=any(area.boundary_made_up for area, _, _ in drawn),
        scale_length=round(metres / metres_per_pixel, 1),
        scale_words=gettext("%(n)d km") % {"n": metres // 1000}
        if metres >= 1000
        else gettext("%(n)d m") % {"n": metres},
    )


def with_spots(drawn: Map, squares: Any, *, warm: bool) -> Map:
    """The map with the counted squares of cases on it, those brought together that would lie over one another."""
    near = 18 if warm else 44
    together: dict[tuple[int, int], list[float]] = {}
    for lon, lat, count, overdue in zip(
        squares.lons.tolist(),
        squares.lats.tolist(),
        squares.counts.tolist(),
        squares.overdue.tolist(),
        strict=True,
    ):
        x, y = drawn.frame.place(lon, lat)
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
            held = together.setdefault((int(x // near), int(y // near)), [0.0, 0.0, 0, 0])
            held[0], held[1], held[2], held[3] = (
                held[0] + x * count,
                held[1] + y * count,
                held[2] + count,
                held[3] + overdue,
            )
    most = max((held[2] for held in together.values()), default=1)
    spots = [
        Spot(
            round(x / count, 1),
            round(y / count, 1),
            round(near / 2 * (0.5 + 0.5 * math.sqrt(count / most)), 1),
            int(count),
            overdue > 0,
            warm,
        )
        for x, y, count, overdue in together.values()
    ]
    return replace(drawn, spots=spots)


def with_lines(drawn: Map, lines: Mapping[str, Iterable[Sequence[Sequence[float]]]]) -> Map:
    """The map with lines on it, one stroke for each kind; a line of one position is a dot."""
    strokes = []
    for kind, each in lines.items():
        placed = [_thinned([drawn.frame.place(at[0], at[1]) for at in line]) for line in each]
        path = "".join(
            "M"
            + (
                "L".join(f"{x:g} {y:g}" for x, y in line)
                if len(line) > 1
                else f"{line[0][0]:g} {line[0][1]:g}h0"
            )
            for line in placed
            if line
        )
        if path:
            strokes.append((kind, path))
    return replace(drawn, lines=strokes)


def _frame(corners: list[Position], zoom: float) -> tuple[Frame, float]:
    """Fits the corners into the picture, north up, with equal metres in both directions."""
    west, east = min(lon for lon, _ in corners), max(lon for lon, _ in corners)
    south, north = min(lat for _, lat in corners), max(lat for _, lat in corners)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * squeeze, 0.002), max(north - south, 0.002)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high) * zoom
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
    frame = Frame(
        west=middle_lon - WIDTH / 2 / (scale * squeeze),
        north=middle_lat + HEIGHT / 2 / scale,
        per_lon=scale * squeeze,
        per_lat=scale,
    )
    return frame, _METRES_PER_DEGREE / scale


def _rings(boundary: dict[str, Any]) -> Iterator[list[Position]]:
    polygons = (
        [boundary["coordinates"]] if boundary.get("type") == "Polygon" else boundary.get("coordinates", [])
    )
    for polygon in polygons:
        for ring in polygon:
            yield [(float(position[0]), float(position[1])) for position in ring]


def _shape(
    name: str, kind: str, rings: list[list[Position]], frame: Frame, point: Position | None
) -> Drawn | None:
    placed = [[frame.place(*position) for position in ring] for ring in rings]
    xs = [x for ring in placed for x, _ in ring]
    ys = [y for ring in placed for _, y in ring]
    if not xs or max(xs) < 0 or min(xs) > WIDTH or max(ys) < 0 or min(ys) > HEIGHT:
        return None
    outline = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in _thinned(ring)) + "Z" for ring in placed)
    label = None if kind == "around" else _label_place(name, placed[0])
    return Drawn(name, kind, outline, _beside(label, point))


def _beside(label: Position | None, point: Position | None) -> Position | None:
    """The label's place, moved up where it would lie under the point."""
    if label and point and abs(label[0] - point[0]) < 40 and abs(label[1] - point[1]) < 20:
        return label[0], round(point[1] - 22, 1)
    return label


def _thinned(ring: list[Position]) -> list[Position]:
    """Without positions that lie within half a pixel of the last one kept."""
    kept = ring[:1]
    kept.extend(
        place for place in ring[1:] if abs(place[0] - kept[-1][0]) + abs(place[1] - kept[-1][1]) >= 0.5
    )
    return kept


def _label_place(name: str, ring: list[Position]) -> Position | None:
    """The middle of the ring, when the name fits and the middle is on the picture."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    letters = sum(1 if ord(letter) > 255 else 0.55 for letter in name)
    if max(xs) - min(xs) < letters * 13 or max(ys) - min(ys) < 18:
        return None
    x, y = _middle(ring)
    return (x, y) if MARGIN < x < WIDTH - MARGIN and MARGIN < y < HEIGHT - MARGIN else None


def _middle(ring: list[Position]) -> Position:
    """The centre of the ring's surface; of its corners when it has none."""
    double = x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = ax * by - bx * ay
        double, x, y = double + cross, x + (ax + bx) * cross, y + (ay + by) * cross
    if abs(double) < 1e-6:
        return round(sum(a for a, _ in ring) / len(ring), 1), round(sum(b for _, b in ring) / len(ring), 1)
    return round(x / 3 / double, 1), round(y / 3 / double, 1)
