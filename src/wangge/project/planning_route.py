"""What `wangge plan route` does: doors of a file in walking order."""

from argparse import Namespace
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gridplan import Plane, Reading, Route, Stop, Town, walkable_links, walking_distances
from gridplan import route as find_route
from wangge.project.environment import Environment
from wangge.project.planning_input import Shown, check_outcome, read_place, refusing, stopped_by_hand
from wangge.project.planning_told import as_json, write


def route(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    check_outcome(arguments)
    reading = read_place(arguments, compounds=False)
    town = reading.town
    plane = Plane(*town.origin)
    stops = [
        Stop(name, door.minutes or arguments.visit, door.hours, door.due)
        for name, door in zip(town.names, reading.doors, strict=True)
    ]
    ends = {name: plane.to_metres(spot) for name in ("start", "end") if (spot := getattr(arguments, name))}
    ways, rows = _ways(reading, ends)
    with stopped_by_hand() as stop, refusing():
        walked = find_route(
            stops,
            distances=ways,
            begins=arguments.begins,
            shift_minutes=arguments.shift,
            seed=arguments.seed,
            limit_s=arguments.limit,
            progress=Shown("walked"),
            stop=stop.is_set,
            start=rows.get("start"),
            end=rows.get("end"),
        )
    if arguments.out:
        write(arguments.out, route_to_geojson(town, walked))
    if arguments.json:
        print(as_json(_facts(town, walked)))
        return
    for place, (row, begin) in enumerate(zip(walked.order, walked.begins, strict=True), 1):
        print(f"{place:3}  {clock(begin)}  {town.names[row]}")
    for left in walked.left:
        print(f"left: {town.names[left.stop]}: {left.text}")
    print(
        f"{len(walked.order)} doors, {walked.metres:,.0f} m, {clock(walked.starts)} to {clock(walked.ends)}"
        f"{', no order ends earlier' if walked.exact else ''}."
    )


def _facts(town: Town, walked: Route) -> dict[str, object]:
    return {
        "command": "route",
        "order": [
            {"name": town.names[row], "begins": clock(begin)}
            for row, begin in zip(walked.order, walked.begins, strict=True)
        ],
        "left": [
            {"name": town.names[each.stop], "rule": each.rule, "text": each.text} for each in walked.left
        ],
        "metres": round(walked.metres, 1),
        "begins": clock(walked.starts),
        "ends": clock(walked.ends),
        "exact": walked.exact,
        "stopped": walked.stopped,
    }


def _ways(
    reading: Reading, ends: dict[str, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], dict[str, int]]:
    """Metres on foot between the doors and where the round begins and ends; in which rows these are."""
    town = reading.town
    spots = np.array(list(ends.values())).reshape(-1, 2)
    xy = np.vstack([town.xy, spots])
    # Between the doors the file's own links stay, which know outlines too; those to the round's ends are added.
    links = (
        walkable_links(xy, barriers=reading.barriers, crossings=reading.crossings)
        if len(spots)
        else town.edges
    )
    own = (links >= len(town)).any(axis=1)
    edges = np.vstack([town.edges, links[own]])
    whole = replace(town, xy=xy, edges=edges, names=(*town.names, *ends))
    rows = {name: len(town) + number for number, name in enumerate(ends)}
    return walking_distances(whole), rows


def route_to_geojson(town: Town, walked: Route) -> dict[str, object]:
    """Doors in the order of the round with the time of each visit; then those that are left, with the reason."""
    plane = Plane(*town.origin)
    left = {each.stop: each.text for each in walked.left}
    said: list[tuple[int, dict[str, object]]] = [
        (row, {"order": place, "begins": clock(begin)})
        for place, (row, begin) in enumerate(zip(walked.order, walked.begins, strict=True), 1)
    ]
    said += [(row, {"order": None, "left": text}) for row, text in sorted(left.items())]
    features = [
        {
            "type": "Feature",
            "properties": {"kind": "door", "name": town.names[row], **more},
            "geometry": {
                "type": "Point",
                "coordinates": plane.to_degrees(town.xy[row]).round(7).tolist(),
            },
        }
        for row, more in said
    ]
    return {"type": "FeatureCollection", "features": features}


def clock(minutes: float) -> str:
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}"
