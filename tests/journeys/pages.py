"""Every page that has a picture. A new page is one line in PAGES; `test_every_page.py` opens each at both sizes and in both
languages and asks: does it answer, is it whole, does nothing scroll sideways, what does axe find, did anything go to the
browser's console, is a Chinese sentence left on the English page. The pictures are in tests/screenshots/, as
`<language>-<name>-<size>.png`.

    Page("journal", "journal")                              opened by the township's lead
    Page("people", "people", who="admin")                   … by another account of tests/cast.py
    Page("case", "cases/{lamp}")                            `{lamp}`: the id of a case that always is there, in grid_a
    Page("dispute", "mediations/{dispute}", make=a_dispute) `a_dispute(town) -> {"dispute": id}` adds what the page shows
    Page("map", "map", ready="[data-map][data-drawn]")      looked at when this selector is visible
    Page("step", "cases/{lamp}", press=("n",))              keys pressed before it is looked at
    Page("file", "cases/file", size="phone")                only at one size; else at both

`make` runs before the browser opens; it writes with `town.add(builders.…)` and returns what stands in the path in braces.
Names are unique, made of a-z, digits and hyphens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests import builders


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    who: str = "township"
    make: Callable[[Any], dict[str, Any]] | None = None
    ready: str = "h1"
    press: tuple[str, ...] = ()
    size: str = ""


def a_lamp(town: Any) -> dict[str, Any]:
    """A case in grid_a, reported and not yet accepted."""
    lamp = town.add(
        builders.case,
        town.lamp_item,
        town.grid_a,
        title="路灯不亮",
        lon=119.355,
        lat=34.745,
        address="三号楼前",
    )
    return {"lamp": lamp.id}


def an_item_to_admit(town: Any) -> dict[str, Any]:
    """A department's proposal that was reviewed."""
    town.add(
        builders.item,
        "S01-02",
        department="fire",
        state="reviewed",
        zh="充电设施隐患",
        en="Unsafe charging point",
    )
    return {}


PAGES = [
    Page("queues", ""),
    Page("queues-nothing", "?queue=closed"),
    Page("file", "cases/file"),
    Page("case", "cases/{lamp}"),
    Page("areas", "areas/"),
    Page("area", "areas/3207030030021001"),
    Page("handovers", "handovers"),
    Page("catalogue", "catalogue/"),
    Page("item", "catalogue/S01-01"),
    Page("figures", "figures"),
    Page("figures-year", "figures?period=2026"),
    Page("item-to-admit", "catalogue/S01-02", who="admin", make=an_item_to_admit),
    Page("propose", "catalogue/propose", who="handler"),
    Page("change-item", "catalogue/S01-01/change", who="admin"),
    Page("routes", "routes?area=3207030030021001&item=S01-01", who="admin"),
    Page("routes-checked", "routes?check=yes", who="admin"),
    Page("journal", "journal"),
    Page("journal-narrowed", "journal?verb=case&who=nobody"),
]
