"""`wangge account administrator`: from an empty database to somebody who can do the rest in the browser."""

import csv
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from wangge.project.commands import asked_password, installation
from wangge.project.environment import Environment, StartRefused


def add_administrator(environment: Environment, arguments: Namespace) -> None:
    """The city where none stands, the kinds of post that are shipped, an account at its root, and its password."""
    with installation(environment):
        from django.db import transaction

        from wangge.areas import queries as areas
        from wangge.base import clock
        from wangge.base.calendar import SHANGHAI
        from wangge.project.files import system_over_all
        from wangge.staff.actions import add_person, load_post_kinds, set_password

        if not areas.roots() and not (arguments.city and arguments.city_name):
            raise StartRefused(
                "There are no areas yet.",
                "Name the city: --city CODE (its division code, as 320700) --city-name NAME.",
            )
        password, now = asked_password(), clock.now()
        with transaction.atomic():
            if not areas.roots():
                _found_city(arguments.city, arguments.city_name)
            viewer = system_over_all()
            load_post_kinds(viewer, now=now)
            account = add_person(
                viewer,
                username=arguments.username,
                name=arguments.name,
                home=areas.roots()[0].code,
                kind="administrator",
                from_on=now.astimezone(SHANGHAI).date(),
                now=now,
            )
            set_password(viewer, account.id, password=password, now=now)
        print(f"{account.username} administers {areas.root_name()} and can sign in now.")


def _found_city(code: str, name: str) -> None:
    """As a list of one area: an import checks the code, and the journal says that it came so."""
    from wangge.areas.actions import import_areas
    from wangge.base import clock
    from wangge.staff import queries as staff

    with TemporaryDirectory() as folder:
        file = Path(folder) / "city.csv"
        with file.open("w", encoding="utf-8", newline="") as table:
            csv.writer(table).writerows([["code", "name"], [code, name]])
        import_areas(staff.enter_as_system(""), file, now=clock.now())
