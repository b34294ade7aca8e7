"""What the commands of `wangge` do: each prepares, calls one action, query or job, and prints the outcome."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from wangge.project.environment import Environment, StartRefused


@contextmanager
def installation(environment: Environment, *, checked: bool = True, keys: bool = True) -> Iterator[None]:
    """The database up and looked at, Django set up. What the database or a rule refuses comes out as StartRefused."""
    from wangge.project.cluster import attached
    from wangge.project.database import check_server

    with ExitStack() as stack:
        if not environment.database_url:
            stack.enter_context(attached(environment.data))
        check_server(environment)
        import django

        django.setup()
        from django.db import DatabaseError

        from wangge.base.problems import Problem
        from wangge.project.private import check_keys

        try:
            if checked:
                _refuse_missing_migrations()
            if checked and keys:
                check_keys()
            yield
        except Problem as problem:
            raise StartRefused(problem.say(), "") from problem
        except DatabaseError as problem:
            raise _database_refusal(problem) from problem


def _database_refusal(problem: Exception) -> StartRefused:
    import psycopg

    from wangge.project.folder import DISK_FULL

    if isinstance(problem.__cause__, psycopg.errors.DiskFull):
        return DISK_FULL
    if isinstance(problem.__cause__, psycopg.OperationalError):
        return StartRefused(
            "The connection to the database broke.",
            "See whether it runs, then do this again: nothing was kept.",
        )
    raise problem


def _refuse_missing_migrations() -> None:
    from wangge.project.health import missing_migrations

    if missing := missing_migrations():
        raise StartRefused(f"The database lacks {missing} migrations.", "Run `wangge migrate` first.")


def serve(environment: Environment, arguments: Namespace) -> int:  # noqa: ARG001 - takes none
    from wangge.project.serving import serve as run

    return run(environment)


def migrate(environment: Environment, arguments: Namespace) -> None:
    with installation(environment, checked=arguments.check):
        if not arguments.check:
            bring_up_to_date()
        _refuse_public_demo(environment)


def bring_up_to_date() -> None:
    """Makes the tables that are missing, and collects the assets, compressed."""
    from django.core.management import call_command
    from django.db import connections

    from wangge.project.health import missing_migrations
    from wangge.project.private import check_keys

    if missing_migrations():
        with connections["owner"].cursor() as cursor:  # two at once would stumble over each other
            cursor.execute("select pg_advisory_lock(hashtext('wangge migrate'))")
            call_command("migrate", database="owner", verbosity=0, interactive=False)
    check_keys()
    connections["owner"].close()
    call_command("collectstatic", interactive=False, verbosity=0)


def _refuse_public_demo(environment: Environment) -> None:
    """Everyone can read the passwords of the sample city."""
    from wangge.demo.queries import is_built

    if environment.public and is_built():
        raise StartRefused(
            "This database holds the sample city, whose passwords are published, and others could reach it.",
            "Unset WANGGE_HOST and WANGGE_ALLOWED_HOSTS, or set WANGGE_DATA to an empty folder.",
        )


def worker(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - takes none
    with installation(environment):
        from wangge.project.worker import main

        main()


def check_routing(environment: Environment, arguments: Namespace) -> int:  # noqa: ARG001 - takes none
    with installation(environment):
        from django.db import transaction

        from wangge.areas import queries as areas
        from wangge.base import clock
        from wangge.base.calendar import SHANGHAI
        from wangge.cases.queries.routing import routing_check
        from wangge.catalogue import queries as catalogue
        from wangge.staff import queries as staff

        now, found, versions = clock.now(), 0, catalogue.current_items()
        roots = areas.roots()
        if not roots or not versions:
            raise StartRefused(
                "There is nothing to check: no areas, or no items.",
                "Import them: wangge import areas, items.",
            )
        for root in roots:
            with transaction.atomic():
                viewer = staff.enter_as_system(root.path)
                for gap in routing_check(viewer, versions, today=now.astimezone(SHANGHAI).date(), at=now):
                    found += len(gap.items)
                    print(f"{gap.area}: no {gap.what} is reached for {', '.join(gap.items)}")
        print(
            f"{found} pairs of item and area would reach nobody."
            if found
            else f"Each of {len(versions)} items reaches somebody everywhere."
        )
        return 1 if found else 0


def verify_journal(environment: Environment, arguments: Namespace) -> int:  # noqa: ARG001 - takes none
    with installation(environment):
        from wangge.journal.queries import chain_breaks

        total, breaks = chain_breaks()
        for found in breaks:
            entry = f" (entry {found.entry_id})" if found.entry_id else ""
            print(f"{found.area_id}: number {found.seq}{entry} was {found.what} by hand.")
        print(
            f"{total} entries; "
            + (
                f"{len(breaks)} areas are not as they were written."
                if breaks
                else "all as they were written."
            )
        )
        return 1 if breaks else 0


def set_password(environment: Environment, arguments: Namespace) -> None:
    """How the first account comes in: an import makes accounts that nobody can sign in with."""
    with installation(environment):
        from django.db import transaction

        from wangge.base import clock
        from wangge.project.files import system_over_all
        from wangge.staff import queries as staff
        from wangge.staff.actions import set_password as give

        password = asked_password()
        with transaction.atomic():
            viewer = system_over_all()
            found = staff.accounts(viewer, text=arguments.username, limit=500).items
            account = next((each for each in found if each.username == arguments.username), None)
            if account is None:
                raise StartRefused(
                    f"There is no account {arguments.username}.", "Import it first: wangge import staff FILE."
                )
            give(viewer, account.id, password=password, now=clock.now())
    print(f"{arguments.username} can sign in with it now.")


def asked_password() -> str:
    """Asked for twice on a terminal, else one line of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    import getpass

    password = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != password:
        raise StartRefused("The two are not the same.", "Try again.")
    return password
