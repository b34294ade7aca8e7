"""What `wangge plan` tells: tables and sentences for people, JSON for programs, GeoJSON for maps."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import numpy as np

from gridplan import NONE, Division, Explanation, Proposal, Reading, to_geojson
from wangge.project.environment import StartRefused

#: What a grid's feature says of it, beside its households.
FIGURES = (
    "pieces", "farthest_m", "mean_m", "hours_a_year", "hours_a_week", "walking_hours_a_year", "round_m", "round_hours", "streets_m", "shops",
)  # fmt: skip


def write(path: Path, collection: object) -> None:
    try:
        path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    except OSError as problem:
        raise StartRefused(
            f"{path} cannot be written: {problem.strerror}.", "Choose another place."
        ) from problem


def as_json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1)


def collection_of(
    division: Division, reading: Reading, names: Mapping[int, str], explained: Explanation
) -> dict[str, Any]:
    """A GeoJSON with the figures of each grid at its outline, and those of the four principles beside the features."""
    made = to_geojson(division, reading=reading, names=names, notes=reading.notes)
    figures = {names[each.grid]: each for each in explained.grids}
    for feature in made["features"]:
        said = feature["properties"]
        if said["kind"] == "grid":
            own = figures[said["name"]]
            said |= {name: _plain(getattr(own, name)) for name in FIGURES if getattr(own, name) is not None}
    made["principles"] = principles(division, names, explained)
    return made


def _plain(value: float) -> float | None:
    if isinstance(value, int):
        return value
    return round(value, 3) if np.isfinite(value) else None


def principles(division: Division, names: Mapping[int, str], explained: Explanation) -> dict[str, Any]:
    """The four principles, ready for JSON; grids and places by their names."""
    told = explained.as_json()
    places = division.town.names
    told["belonging"]["grids_over_a_border"] = [
        names[grid] for grid in explained.belonging.grids_over_a_border
    ]
    told["size"]["out_of_bounds"] = [names[grid] for grid in explained.size.out_of_bounds]
    for each in told["grids"]:
        each["grid"] = names[each["grid"]]
        each["middle"], each["farthest"] = places[each["middle"]], places[each["farthest"]]
    return told


def sentences(explained: Explanation) -> Iterator[str]:
    """The four principles, a line each; and what is proven."""
    belonging, size = explained.belonging, explained.size
    service, management = explained.service, explained.management
    over, torn = len(belonging.grids_over_a_border), belonging.pieces_too_many
    yield (
        f"belonging: {belonging.in_a_grid:,} of {belonging.atoms:,} places in exactly one grid"
        f"{f', {belonging.in_no_community:,} in no community' if belonging.in_no_community else ''}; "
        f"{over or 'no'} {'grid' if over == 1 else 'grids'} over a border, {torn or 'no'} {'piece' if torn == 1 else 'pieces'} too many."
    )
    yield (
        f"fit size: {len(explained.grids):,} grids of {size.smallest:,} to {size.largest:,} households, {size.mean:,.0f} on average; "
        f"{len(size.out_of_bounds) or 'none'} outside {size.low} to {size.high}."
    )
    ways = "on foot" if service.on_foot else "straight"
    hours = f"; {service.longest_round_hours:.1f} hours to walk once round all doors of a grid at most"
    if service.hours_a_year:
        share = service.walking_hours_a_year / service.hours_a_year
        hours += f"; {service.most_hours_a_week:.1f} hours a week at most, with the ways ({share:.0%} of all hours)"
    farthest = f"{service.farthest_m:,.0f} m" if np.isfinite(service.farthest_m) else "no way"
    yield f"convenient service: {farthest} to the farthest door, {service.mean_m:,.0f} m on average, {ways}{hours}."
    left = [f"{management.atoms:,} places with {management.households:,} households"]
    if management.streets_m is not None:
        left.append(f"{management.streets_uncovered_m:,.0f} of {management.streets_m:,.0f} m of streets")
    if management.shops is not None:
        left.append(f"{management.shops_uncovered:,} of {management.shops:,} shops")
    yield f"full management: in no grid are {', '.join(left)}."
    if explained.gap:
        proven = "on foot" if explained.gap.distance == "walking" else "straight"
        yield (
            f"proven: the typical way (root mean square), {proven}, is at most {explained.gap.share:.1%} longer than the best there"
            f" could be ({explained.gap.found_m:.1f} m, no less than {explained.gap.least_m:.1f} m)."
        )


def facts(
    command: str,
    division: Division,
    reading: Reading,
    names: Mapping[int, str],
    explained: Explanation,
    **more: Any,
) -> dict[str, Any]:
    """Everything that is told in sentences, for programs."""
    return {
        "command": command,
        **more,
        "grids": division.count,
        "places": len(division.town),
        "in_no_grid": int((division.labels == NONE).sum()),
        "communities": [dict(zip(_COLUMNS, row, strict=True)) for row in _by_community(division)],
        "reasons": [
            {
                "grid": names[each.grid],
                "rule": each.rule,
                "cause": each.cause,
                "households": each.households,
                "text": each.text,
            }
            for each in division.reasons
        ],
        "principles": principles(division, names, explained),
        "stopped": division.stopped,
        "seconds": round(division.seconds, 2),
        "faults": [{"number": each.number, "name": each.name, "text": each.text} for each in reading.faults],
        "notes": list(reading.notes),
    }


_COLUMNS = ("community", "places", "households", "grids", "smallest", "largest", "outside")


def _by_community(division: Division) -> Iterator[tuple[str, int, int, int, int, int, int]]:
    town, labels, bounds = division.town, division.labels, division.bounds
    for number, name in enumerate(town.communities):
        mine = (town.community == number) & (labels >= 0)
        sizes = np.bincount(labels[mine], town.households[mine])[np.unique(labels[mine])]
        if len(sizes):
            outside = int(((sizes < bounds.low) | (sizes > bounds.high)).sum())
            yield (
                name, int(mine.sum()), int(sizes.sum()), len(sizes), int(sizes.min()), int(sizes.max()), outside,
            )  # fmt: skip


def tell(division: Division, explained: Explanation) -> None:
    """A line for each community, a sentence for each grid that is not within the bounds, and the four principles."""
    rows: list[tuple[str, ...]] = [
        _COLUMNS,
        *((row[0], *(f"{each:,}" for each in row[1:])) for row in _by_community(division)),
    ]
    for row in aligned(rows):
        print(row)
    for reason in division.reasons:
        print(f"{reason.rule}: {reason.text}")
    if lost := int((division.labels == NONE).sum()):
        print(f"{lost} places are in no grid.")
    for sentence in sentences(explained):
        print(sentence)
    if division.stopped:
        print(f"It was ended early, after {division.seconds:.1f} s; this is the best so far.")


def compared(proposals: Sequence[Proposal], *, staffed: bool) -> list[dict[str, Any]]:
    """How many lose their worker is said where it is known who works where (`staffed`)."""
    return [
        {
            "proposal": number,
            "grids": each.division.count,
            "kept": each.kept,
            "moved": each.moved,
            **({"lose_worker": each.handed_over} if staffed else {}),
            "rms_m": round(each.rms_m, 1),
            "outside": len(
                {reason.grid for reason in each.division.reasons if reason.rule in ("below", "above")}
            ),
        }
        for number, each in enumerate(proposals, 1)
    ]


def tell_compared(proposals: Sequence[Proposal], *, staffed: bool) -> None:
    rows: list[tuple[str, ...]] = [
        (
            "proposal",
            "grids",
            "keep their number",
            "households that change grid",
            *(["households that lose their worker"] if staffed else []),
            "distance in m",
            "outside",
        )
    ]
    for one in compared(proposals, staffed=staffed):
        number, *figures, metres, outside = one.values()
        rows.append((str(number), *(f"{each:,}" for each in figures), f"{metres:.1f}", str(outside)))
    for row in aligned(rows):
        print(row)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Names to the left, figures to the right; a Chinese character is two wide."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *figures in rows:
        first = name + " " * (widths[0] - _width(name))
        yield "  ".join(
            [
                first,
                *(
                    " " * (width - _width(each)) + each
                    for each, width in zip(figures, widths[1:], strict=True)
                ),
            ]
        )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
