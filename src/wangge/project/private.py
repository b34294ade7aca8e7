"""The keys of private fields: whether all that are needed are there, and sealing everything anew under another.

What is sealed is found from the models: every `PrivateText` of every table.
"""

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from wangge.project.environment import Environment, StartRefused

#: Rows that are sealed anew in one transaction, and locked for as long.
BATCH = 500


@dataclass(frozen=True)
class Table:
    """One table with private columns, its key, and the hashes that are kept beside them: column → (of, kind)."""

    name: str
    key: str
    private: tuple[str, ...]
    lookups: dict[str, tuple[str, str]]


def tables() -> list[Table]:
    from django.apps import apps

    from wangge.base.columns import PrivateLookup, PrivateText

    found = []
    for model in apps.get_models():
        fields = model._meta.concrete_fields
        private = tuple(str(each.column) for each in fields if isinstance(each, PrivateText))
        if private:
            hashes = {
                str(each.column): (each.of, each.kind) for each in fields if isinstance(each, PrivateLookup)
            }
            found.append(Table(model._meta.db_table, str(model._meta.pk.column), private, hashes))
    return sorted(found, key=lambda table: table.name)


def check_keys() -> None:
    """StartRefused when a key is missing that texts are still sealed with; else the key that seals is noted as in use."""
    from django.conf import settings
    from django.db import connections

    ring = settings.PRIVATE_KEYS
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select fingerprint from project_privatekey where retired_at is null order by first_used_at"
        )
        used = [fingerprint for (fingerprint,) in cursor.fetchall()]
        if lost := [each for each in used if each not in ring.fingerprints]:
            raise StartRefused(
                f"Private fields were sealed with the key {lost[0]}, which is not there.",
                "Put it into WANGGE_PRIVATE_KEYS after the one that writes, or bring the file private_keys back into the"
                " data folder from your copy.",
            )
        if ring.fingerprints[0] not in used:
            cursor.execute(
                "insert into project_privatekey (fingerprint, first_used_at) values (%s, now())"
                " on conflict (fingerprint) do update set retired_at = null",
                [ring.fingerprints[0]],
            )


def missing_keys() -> list[str]:
    """Fingerprints of keys in use that this process does not have; read as the application."""
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select fingerprint from project_privatekey where retired_at is null order by fingerprint"
        )
        return [each for (each,) in cursor.fetchall() if each not in settings.PRIVATE_KEYS.fingerprints]


def _rows(cursor: Any, table: Table, *, only_old: str = "", lock: bool = False) -> Iterator[list[Any]]:
    """The table's rows by key, in batches, each with the key and the private columns as they are sealed.

    `only_old`: rows with a text that another key than this (its fingerprint) sealed.
    """
    names = [table.key, *table.private]
    old = sql.SQL(" or ").join(
        sql.SQL("substr({}, 2, 4) <> decode(%(current)s, 'hex')").format(sql.Identifier(name))
        for name in table.private
    )
    statement = sql.SQL("select {} from {} where (%(after)s::text is null or {key} > %(after)s) and {} order by {key} limit {}{}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(table.name),
        sql.SQL("({})").format(old) if only_old else sql.SQL("true"),
        sql.Literal(BATCH),
        sql.SQL(" for update" if lock else ""),
        key=sql.Identifier(table.key),
    )  # fmt: skip
    after = None
    while True:
        cursor.execute(statement, {"after": after, "current": only_old})
        batch = cursor.fetchall()
        if not batch:
            return
        after = str(batch[-1][0])
        yield batch


def _opened(ring: Any, table: Table, row: Any) -> dict[str, str]:
    from wangge.base.private import Place

    return {
        column: ring.open(bytes(sealed), Place(table.name, column, str(row[0])))
        for column, sealed in zip(table.private, row[1:], strict=True)
        if sealed is not None
    }


def seal_anew() -> int:
    """Everything under the first key of the ring, batch by batch: broken off, it goes on where it was. Tells how many rows."""
    from django.conf import settings
    from django.db import connections

    ring, done = settings.PRIVATE_KEYS, 0
    owner = connections["owner"]
    owner.ensure_connection()
    for table in tables():
        while count := _seal_table(
            owner.connection, table, ring
        ):  # again: who still has the old key may have written
            done += count
    with owner.cursor() as cursor:
        cursor.execute(
            "update project_privatekey set retired_at = now() where retired_at is null and fingerprint <> %s",
            [ring.fingerprints[0]],
        )
    return done


def _seal_table(connection: Any, table: Table, ring: Any) -> int:
    from wangge.base.private import Place

    columns = [*table.private, *table.lookups]
    statement = sql.SQL("update {} set {} where {} = %s").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(column)) for column in columns),
        sql.Identifier(table.key),
    )
    done = 0
    with connection.cursor() as cursor:
        batches = _rows(cursor, table, only_old=ring.fingerprints[0], lock=True)
        while True:
            # The connection commits by itself outside of this: one batch, one transaction.
            with connection.transaction():
                batch = next(batches, None)
                if batch is None:
                    return done
                changed = []
                for row in batch:
                    texts = _opened(ring, table, row)
                    values: list[Any] = [
                        ring.seal(texts[column], Place(table.name, column, str(row[0])))
                        if column in texts
                        else None
                        for column in table.private
                    ]
                    for of, kind in table.lookups.values():
                        values.append(ring.lookup(kind, texts[of]) if texts.get(of) else None)
                    changed.append([*values, row[0]])
                cursor.executemany(statement, changed)
            done += len(batch)


def look_through() -> tuple[Counter[str], list[str]]:
    """How many texts each key sealed, and where one does not open: `table.column of row`."""
    from django.conf import settings
    from django.db import connections

    from wangge.base.private import Place, PrivateKeyMissing, PrivateTextDamaged, sealed_with

    counted: Counter[str] = Counter()
    broken = []
    with connections["owner"].cursor() as cursor:
        for table in tables():
            for batch in _rows(cursor, table):
                for row in batch:
                    for column, sealed in zip(table.private, row[1:], strict=True):
                        if sealed is None:
                            continue
                        counted[sealed_with(bytes(sealed))] += 1
                        try:
                            settings.PRIVATE_KEYS.open(bytes(sealed), Place(table.name, column, str(row[0])))
                        except (PrivateKeyMissing, PrivateTextDamaged) as problem:
                            broken.append(f"{table.name}.{column} of {row[0]}: {problem.code}")
    return counted, broken


def print_key(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - takes none
    from wangge.base.private import new_key

    print(new_key())


def check(environment: Environment, arguments: Namespace) -> int:  # noqa: ARG001 - takes none
    from wangge.project.commands import installation

    with installation(environment, keys=False):
        counted, broken = look_through()
    for fingerprint, count in sorted(counted.items()):
        print(f"{fingerprint}: {count:,} texts")
    for line in broken:
        print(line)
    print(
        f"{sum(counted.values()):,} private texts; {f'{len(broken):,} do not open.' if broken else 'all of them open.'}"
    )
    return 1 if broken else 0


def rotate(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - takes none
    from wangge.project.commands import installation

    with installation(environment):
        from django.conf import settings
        from django.db import transaction

        from wangge.areas import queries as areas
        from wangge.base import clock
        from wangge.journal.actions import record
        from wangge.project.files import system_over_all

        done = seal_anew()
        current = settings.PRIVATE_KEYS.fingerprints[0]
        if areas.roots():
            with transaction.atomic():
                viewer = system_over_all()
                path = viewer.scope[0]
                record(
                    viewer, verb="private.rotated", subject=f"area:{path}", path=path, at=clock.now(),
                    after={"rows": done, "key": current}, source="command",
                )  # fmt: skip
    print(f"{done:,} rows were sealed anew; all stand under the key {current}. The others may go.")
