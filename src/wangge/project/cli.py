"""The program `wangge`: what each command takes, and how a refusal is told. What they do is in `commands`, `files`
and `sample`.

Nothing heavy is imported before it is known which command runs: the supervisor of `serve` stays small by it.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from wangge.project.environment import StartRefused, read_environment


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _time(text: str) -> float:
    """Minutes after midnight."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it as 08:30")
    return float(int(hours) * 60 + int(minutes))


def _spot(text: str) -> tuple[float, float]:
    try:
        lon, lat = map(float, text.split(","))
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is not a place; write it as 119.45,34.72") from problem
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise argparse.ArgumentTypeError(f"{text!r} is no place on the earth; longitude comes first")
    return lon, lat


def _pair(text: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise argparse.ArgumentTypeError(f"{text!r} is no pair; write it as 张伟=东街-1003")
    return left, right


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-01-31") from problem


class _Version(argparse.Action):
    def __call__(self, asked: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"wangge {version('wangge')}")
        asked.exit()


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments; a test holds the guide against it."""
    top = argparse.ArgumentParser(prog="wangge", description="Grid-based community governance (网格化治理).")
    top.add_argument("--ends-with", type=_number, help=argparse.SUPPRESS)
    top.add_argument("--version", action=_Version, nargs=0, help="says which version this is")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, text: str, under: Any = None) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = (under or commands).add_parser(name, help=text, description=text)
        return made

    def group(name: str, text: str) -> Any:
        return add(name, text).add_subparsers(required=True, metavar="WHAT")

    add("serve", "starts the database, the web server and the worker, until it is stopped").set_defaults(
        run="commands.serve"
    )
    migrate = add("migrate", "brings the database's tables to this version")
    migrate.add_argument("--check", action="store_true", help="only says whether some are missing")
    migrate.set_defaults(run="commands.migrate")
    add("worker", "keeps the timers; part of `serve`, for installations that run it apart").set_defaults(
        run="commands.worker"
    )
    _add_files(
        group("import", "brings in a file, all of it or nothing"), group("export", "writes a file"), add
    )
    _add_demo(group("demo", "the sample city, made up from a seed"), add)
    _add_plan(group("plan", "grids designed on a map, from files; needs no database"), add)
    routing = group("routing", "where cases go")
    check = add("check", "walks every item and area, and names each that would reach nobody", routing)
    check.set_defaults(run="commands.check_routing")
    accounts = group("account", "accounts")
    first = add(
        "administrator",
        "adds somebody who administers the city and can do the rest in the browser; names the city first where none is",
        accounts,
    )
    first.add_argument("username", metavar="USERNAME")
    first.add_argument("--name", required=True, metavar="NAME", help="the person's name")
    first.add_argument(
        "--city", metavar="CODE", help="the city's division code, 4 to 12 digits; only at first"
    )
    first.add_argument("--city-name", metavar="NAME", help="what the city is called; only at first")
    first.set_defaults(run="founding.add_administrator")
    password = add("password", "gives an account a password, asked for or read from the input", accounts)
    password.add_argument("username", metavar="USERNAME")
    password.set_defaults(run="commands.set_password")
    private = group("private", "the keys that private fields are sealed with")
    add("key", "prints a new key for WANGGE_PRIVATE_KEYS", private).set_defaults(run="private.print_key")
    add("check", "opens every private text; names what does not open", private).set_defaults(
        run="private.check"
    )
    add("rotate", "seals every private text anew, with the first key", private).set_defaults(
        run="private.rotate"
    )
    journal = group("journal", "who did what")
    verify = add(
        "verify", "proves the journal; names the first entry changed, removed or inserted by hand", journal
    )
    verify.set_defaults(run="commands.verify_journal")
    return top


def _add_list(one: Any) -> None:
    one.add_argument("--area", default="", metavar="CODE", help="the area that the list is of; all")
    one.add_argument(
        "--mapping", type=Path, metavar="FILE", help="what the headings mean (TOML or CSV); guessed from them"
    )
    one.add_argument(
        "--residency",
        choices=("registered_present", "registered_away", "permanent", "floating"),
        default="registered_present",
        help="of whom the list says none; registered_present",
    )
    one.add_argument("--leave-out-wrong", action="store_true", help="leaves rows with wrong cells out")
    one.add_argument("--sheet", metavar="NAME", help="of a spreadsheet's sheets; the first")


def _add_files(imports: Any, exports: Any, add: Any) -> None:
    for kind, text in (
        ("areas", "a division table (CSV, XLSX) or boundaries (GeoJSON)"),
        ("staff", "accounts, posts and assignments (CSV, XLSX)"),
        ("items", "work items (CSV, XLSX)"),
        ("compounds", "named estates and villages (CSV, XLSX)"),
        ("households", "households and their heads from a community's own list (CSV, XLSX)"),
        ("residents", "residents and their homes from a community's own list (CSV, XLSX)"),
        ("visits", "visits that were made, by number of the household (CSV, XLSX)"),
        ("due-rules", "how often households are called on, and on which basis (CSV)"),
    ):
        one = add(kind, text, imports)
        if kind == "items":
            source = one.add_mutually_exclusive_group(required=True)
            source.add_argument("file", type=Path, metavar="FILE", nargs="?")
            source.add_argument(
                "--sample", action="store_true", help="the items that are shipped, in place of a file"
            )
        else:
            one.add_argument("file", type=Path, metavar="FILE")
        if kind == "areas":
            one.add_argument(
                "--valid-from", type=_day, metavar="DAY", help="when the areas begin to hold; today"
            )
            one.add_argument(
                "--rehome",
                action="store_true",
                help="homes, open cases and places to check go to the grids in which they lie afterwards",
            )
        if kind in ("areas", "compounds"):
            one.add_argument(
                "--datum",
                choices=("wgs84", "gcj02", "bd09"),
                default="wgs84",
                help="which degrees boundaries or points are in; wgs84",
            )
        if kind in ("households", "residents"):
            _add_list(one)
        one.set_defaults(run="files.import_file", kind=kind)
    cases = add("cases", "cases as a table (.csv or .xlsx by its name)", exports)
    cases.add_argument("file", type=Path, metavar="FILE")
    cases.add_argument("--area", default="", metavar="CODE", help="only of this area")
    cases.set_defaults(run="files.export_cases")


def _add_plan(plan: Any, add: Any) -> None:
    divide = add("divide", "divides the places of a file into grids", plan)
    _add_place(divide)
    _add_search(divide)
    divide.add_argument("--compounds", action="store_true", help="each compound becomes a grid of its own")
    _add_weighing(divide)
    divide.set_defaults(run="planning.divide")

    revise = add("revise", "changes today's grids of a file as little as one likes", plan)
    _add_place(revise)
    _add_search(revise)
    one = revise.add_mutually_exclusive_group()
    one.add_argument("--split", metavar="GRID", help="only this grid is divided, see --into")
    one.add_argument("--merge", metavar="GRID,GRID", help="only these grids become one")
    one.add_argument(
        "--absorb", action="store_true", help="places without a grid come into grids, with the fewest moves"
    )
    one.add_argument(
        "--compounds",
        "--each-compound",
        action="store_true",
        help="each compound becomes a grid of its own",
    )
    revise.add_argument("--into", type=_number, default=2, metavar="N", help="with --split, how many; 2")
    revise.add_argument("--curve", type=_number, default=5, metavar="N", help="so many proposals at most; 5")
    revise.add_argument(
        "--take", type=_number, default=1, metavar="N", help="which proposal is written; 1, the fewest moves"
    )
    _add_weighing(revise)
    revise.set_defaults(run="planning.revise")

    explain = add("explain", "tells the four principles of the grids that a file has, as figures", plan)
    _add_place(explain)
    explain.set_defaults(run="planning.explain")

    assign = add("assign", "gives workers to the grids of a file, and tells what each override costs", plan)
    _add_file(assign)
    assign.add_argument(
        "staff",
        type=Path,
        metavar="WORKERS",
        help="a CSV or GeoJSON: name, lon, lat, grids, most, minutes, skills",
    )
    for name, text in (
        ("force", "this worker takes this grid"),
        ("forbid", "this worker does not take this grid"),
        ("price", "what it would cost if this worker had to take this grid"),
    ):
        assign.add_argument(
            f"--{name}",
            type=_pair,
            action="append",
            default=[],
            metavar="WORKER=GRID",
            help=f"{text}; may be said again",
        )
    assign.add_argument(
        "--needs", type=_pair, action="append", default=[], metavar="GRID=SKILL;SKILL",
        help="skills that a grid needs; may be said again",
    )  # fmt: skip
    assign.add_argument(
        "--alternatives",
        type=_number,
        default=3,
        metavar="N",
        help="overrides of each grid that are priced; 3",
    )
    assign.add_argument(
        "--limit",
        type=_number,
        metavar="SECONDS",
        help="ends after so long with the best so far, each price too",
    )
    assign.set_defaults(run="planning_posts.assign")

    route = add("route", "puts the doors of a file in walking order, as one round", plan)
    _add_file(route)
    _add_search(route)
    for name, text in (("start", "begins"), ("end", "ends")):
        route.add_argument(
            f"--{name}",
            type=_spot,
            metavar="LON,LAT",
            help=f"where the round {text}; at whichever door is best",
        )
    route.add_argument(
        "--begins", type=_time, default=510.0, metavar="TIME", help="when the round begins; 08:30"
    )
    route.add_argument(
        "--shift", type=_number, metavar="MINUTES", help="how long it may take; as long as it does"
    )
    route.add_argument(
        "--visit", type=_number, default=10, metavar="MINUTES", help="at a door that does not say minutes; 10"
    )
    route.set_defaults(run="planning_route.route")


def _add_weighing(one: Any) -> None:
    one.add_argument(
        "--weigh",
        default="households",
        metavar="WHAT",
        help="with minutes, or the name of a property that holds them, work is alike, too; households",
    )
    one.add_argument(
        "--distance",
        choices=("straight", "walking"),
        default="straight",
        help="what is made small; walking needs streets; straight",
    )
    one.add_argument(
        "--walking", action="store_const", const="walking", dest="distance", help="as --distance walking"
    )


def _add_place(one: Any) -> None:
    _add_file(one)
    one.add_argument(
        "--low", type=_number, default=300, metavar="N", help="households a grid has at least; 300"
    )
    one.add_argument(
        "--high", type=_number, default=500, metavar="N", help="households a grid has at most; 500"
    )
    one.add_argument(
        "--communities", type=Path, metavar="FILE", help="a GeoJSON of the communities, where FILE knows none"
    )
    one.add_argument(
        "--cut-compounds", action="store_true", help="buildings of a compound need not stay together"
    )
    one.add_argument(
        "--workers", type=_number, default=1, metavar="N", help="processes or threads that share the work; 1"
    )
    one.add_argument(
        "--prove",
        type=_number,
        metavar="SECONDS",
        help="proves for so long how far the grids are from the best possible",
    )


def _add_file(one: Any) -> None:
    one.add_argument(
        "file", type=Path, metavar="FILE", help="GeoJSON, CSV, or an extract of OpenStreetMap (.osm, .pbf)"
    )
    one.add_argument("--out", type=Path, metavar="FILE", help="the GeoJSON that is written")
    one.add_argument("--json", action="store_true", help="tells in JSON on the output, not in sentences")
    one.add_argument(
        "--streets",
        type=Path,
        metavar="FILE",
        help="a GeoJSON or an extract of OpenStreetMap with streets, barriers and crossings",
    )
    one.add_argument(
        "--names",
        default="",
        metavar="WHAT=NAME,…",
        help="which property or column holds what, as households=户数,community=社区",
    )


def _add_search(one: Any) -> None:
    one.add_argument("--seed", type=_number, default=0, metavar="N", help="the same gives the same answer; 0")
    one.add_argument(
        "--limit", type=_number, metavar="SECONDS", help="ends after so long with the best so far"
    )


def _add_demo(demo: Any, add: Any) -> None:
    town = add("town", "writes a made-up map of a township or community, to try `wangge plan` on", demo)
    town.add_argument("file", type=Path, metavar="FILE", help="the GeoJSON that is written")
    town.add_argument(
        "--of", default="320703003000", metavar="CODE", help="a township or community; 连云街道, 320703003000"
    )
    town.add_argument("--seed", type=_number, default=1, metavar="N", help="another seed, another map; 1")
    town.set_defaults(run="sample.write_town")
    homes = add(
        "homes",
        "registers the made-up buildings of 连云街道 in a sample city that was built without them",
        demo,
    )
    homes.add_argument("--seed", type=_number, default=1, metavar="N", help="that of the city; 1")
    homes.set_defaults(run="sample.register_homes")
    for name, text, cases in (
        ("start", "builds the city if it is not there, and serves it", 30_000),
        ("build", "builds the city", 30_000),
        ("replay", "files a CSV of requests through the interface of a running demo", 3_000),
    ):
        one = add(name, text, demo)
        one.add_argument(
            "--cases", type=_number, default=cases, metavar="N", help=f"of the city's year; {cases}"
        )
        one.add_argument("--seed", type=_number, default=1, metavar="N", help="another seed, another year; 1")
        one.set_defaults(run=f"sample.{name}_demo")
    one.add_argument(
        "file", type=Path, metavar="FILE", help="columns title, text, created_at; more are optional"
    )
    one.add_argument("--limit", type=_number, metavar="N", help="only the first N")
    one.add_argument(
        "--start", action="store_true", help="starts a demo for it on a free port, and stops it after"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. A refusal is one sentence with its way out on stderr, and answers 1."""
    arguments = parser().parse_args(argv)
    if arguments.ends_with:
        from wangge.project.processes import end_with

        end_with(arguments.ends_with, grace_seconds=10)
    try:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.project.settings")
        environment = read_environment()
        module, _, function = arguments.run.partition(".")
        run = getattr(importlib.import_module(f"wangge.project.{module}"), function)
        return int(run(environment, arguments) or 0)
    except StartRefused as refusal:
        print(f"wangge: {refusal.message} {refusal.way_out}".rstrip(), file=sys.stderr)
        return refusal.answer
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` for example, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())
