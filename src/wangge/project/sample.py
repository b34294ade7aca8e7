"""`wangge demo`: the sample city built, served, and fed with requests."""

import os
import socket
from argparse import Namespace
from dataclasses import replace

from wangge.project.environment import Environment, StartRefused
from wangge.project.folder import FolderLock, check_writable


def _refuse_public(environment: Environment) -> None:
    if environment.public:
        raise StartRefused(
            "The sample city's passwords are published, and others could reach it.",
            "Unset WANGGE_HOST and WANGGE_ALLOWED_HOSTS, or use `wangge serve` on an empty data folder.",
        )


def start_demo(environment: Environment, arguments: Namespace) -> int:
    """Builds the city where it is missing, and serves it until it is stopped."""
    from wangge.project.serving import Supervisor

    _refuse_public(environment)
    return Supervisor(environment, _steps(arguments), lambda: _announce(environment)).run()


def _steps(arguments: Namespace) -> list[list[str]]:
    return [["demo", "build", "--cases", str(arguments.cases), "--seed", str(arguments.seed)]]


def _announce(environment: Environment) -> None:
    from wangge.demo.rules.posts import DEMO_ACCOUNTS, DEMO_PASSWORD
    from wangge.project.serving import address_of

    address = address_of(environment)
    print(f"""
The sample city is served. Its places have real names, its people and cases are made up.

  {address}                  for residents
  {address}console/          for desks and centres
  {address}api/v1/docs       the interface for programs

  Accounts: {", ".join(DEMO_ACCOUNTS)}
  Password: {DEMO_PASSWORD}

Ctrl-C stops it.""", flush=True)  # fmt: skip


def build_demo(environment: Environment, arguments: Namespace) -> None:
    """Builds the city if it is not there. Refused on a database that holds anything else."""
    from wangge.project.commands import bring_up_to_date, installation

    _refuse_public(environment)
    with installation(environment, checked=False):
        bring_up_to_date()
        from wangge.base import clock
        from wangge.demo.actions import build_city
        from wangge.project.files import Progress

        if build_city(now=clock.now(), seed=arguments.seed, cases=arguments.cases, progress=Progress()):
            print("The sample city stands.", flush=True)


def register_homes(environment: Environment, arguments: Namespace) -> None:
    """The made-up buildings of the demo's township, for a city that was built without them. Refused where the sample city does not stand."""
    from wangge.project.commands import installation

    _refuse_public(environment)
    with installation(environment):
        from wangge.base import clock
        from wangge.demo import queries
        from wangge.demo.actions import expect_visits, register_township

        if not queries.is_built():
            raise StartRefused("The sample city does not stand here.", "Build it: wangge demo build")
        now = clock.now()
        buildings, households = register_township(now=now, seed=arguments.seed)
        if buildings:
            expect_visits(now=now)
            print(
                f"{buildings} buildings with {households} households are registered, all made up.", flush=True
            )
        else:
            print("They are registered already.", flush=True)


def write_town(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    """A map of a part of the sample city, without its database."""
    import django

    django.setup()
    from wangge.demo import queries
    from wangge.project.planning_told import write

    town = queries.town(arguments.of, arguments.seed)
    if town is None:
        raise StartRefused(
            f"No community of the sample city lies in {arguments.of}.",
            "Codes: 320703003000 is 连云街道, 320703003002 荷花社区.",
        )
    write(arguments.file, town)
    kinds = [feature["properties"]["kind"] for feature in town["features"]]
    print(
        f"{arguments.file} holds {kinds.count('door')} buildings in {kinds.count('community')} communities, all made up."
    )


def replay_demo(environment: Environment, arguments: Namespace) -> int:
    """Files the requests in the demo that runs, or with --start in one of its own that is stopped after."""
    if not arguments.file.exists():
        raise StartRefused(f"There is no file {arguments.file}.", "Check its name and folder.")
    if arguments.start:
        return _replay_in_own(environment, arguments)
    from wangge.project.commands import installation

    with installation(environment):
        from wangge.demo.replay import replay
        from wangge.project.serving import address_of

        return int(replay(address_of(environment), arguments.file, limit=arguments.limit) or 0)


def _replay_in_own(environment: Environment, arguments: Namespace) -> int:
    """In the data folder's city if nobody serves it now, else in a second one below it that stays for the next time."""
    from wangge.project.serving import Supervisor

    _refuse_public(environment)
    check_writable(environment.data)
    lock = FolderLock(environment.data)
    try:
        lock.take()
        lock.release()
    except StartRefused:
        environment = replace(environment, data=environment.data / "replay")
    environment = replace(environment, port=_free_port())
    os.environ |= {"WANGGE_DATA": str(environment.data), "WANGGE_PORT": str(environment.port)}
    limit = ["--limit", str(arguments.limit)] if arguments.limit else []
    command = ["demo", "replay", str(arguments.file.resolve()), *limit]
    return Supervisor(environment, _steps(arguments), lambda: None, task=command).run()


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
