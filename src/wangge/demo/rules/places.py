"""What an area of the sample city is: real names and codes, made-up grids and boundaries. Pure."""

from dataclasses import dataclass

#: The community of the demo's accounts, and the township that it lies in.
DEMO_COMMUNITY, TOWNSHIP = "320703003002", "320703003000"
LEVELS = ("city", "county", "township", "community", "grid")

#: Lattice points in a degree: the sixth decimal is a tenth of a metre.
LATTICE = 1_000_000


@dataclass(frozen=True, slots=True)
class Division:
    """One line of the statistical divisions."""

    code: str
    name: str
    level: str
    parent: str
    urban_rural_class: str


@dataclass(frozen=True, slots=True)
class Place:
    """One area as it will stand in the tree; `rings` are its outlines in degrees, closed; none for a dedicated grid."""

    code: str
    name: str
    level: str
    parent: str
    path: str
    kind: str
    urban_rural_class: str
    rings: tuple[tuple[tuple[float, float], ...], ...]
    lon: float
    lat: float

    @property
    def boundary(self) -> dict[str, object] | None:
        """As GeoJSON."""
        if not self.rings:
            return None
        return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in self.rings]}

    @property
    def box(self) -> str | None:
        if not self.rings:
            return None
        lons = [lon for ring in self.rings for lon, _ in ring]
        lats = [lat for ring in self.rings for _, lat in ring]
        return f"({max(lons)},{max(lats)}),({min(lons)},{min(lats)})"


def short_name(name: str) -> str:
    """荷花社区居委会 → 荷花社区, 沙湾村委会 → 沙湾村: how people say it."""
    for ending, instead in (
        ("居民委员会", ""),
        ("村民委员会", "村"),
        ("社区居委会", "社区"),
        ("居委会", "社区"),
        ("村委会", "村"),
    ):
        if name.endswith(ending) and len(name) > len(ending):
            stem = name.removesuffix(ending)
            return (
                stem
                if stem.endswith(("社区", "村")) and not instead
                else stem.removesuffix(instead) + instead
            )
    return name
