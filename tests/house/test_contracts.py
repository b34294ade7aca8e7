"""The contracts between folders name every folder: a new app or door that they miss would be bound by nothing."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Folders of `wangge` that are no apps: wiring, the doors, the made-up city, and what has no tables.
NO_APPS = {"access", "base", "demo", "doors", "project"}


def contracts():
    with (ROOT / "pyproject.toml").open("rb") as file:
        return {
            contract["name"].split(":")[0]: contract
            for contract in tomllib.load(file)["tool"]["importlinter"]["contracts"]
        }


def folders(place):
    return {entry.name for entry in place.iterdir() if (entry / "__init__.py").exists()}


def test_the_rooms_contract_lists_every_app():
    apps = folders(ROOT / "src/wangge") - NO_APPS
    assert {name.removeprefix("wangge.") for name in contracts()["Rooms"]["containers"]} == apps


def test_the_doors_contract_lists_every_door():
    doors = folders(ROOT / "src/wangge/doors")
    modules = contracts()["The doors do not know one another"]["modules"]
    assert {name.removeprefix("wangge.doors.") for name in modules} == doors


def test_the_map_has_a_line_for_every_folder():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^ +([a-z]+)/ ", text, re.MULTILINE))
    assert known == folders(ROOT / "src/wangge") | folders(ROOT / "src/wangge/doors")
