"""Writing many rows at once as the owner."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import sql


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY into the table; values as the driver adapts them, JSON as text."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def without_indexes(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Takes the indexes that keep no constraint away and makes them again after: one pass each instead of one per row."""
    # Checks that wait for the end of the transaction would forbid to make an index.
    cursor.execute("set constraints all immediate")
    cursor.execute(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i"
        " where i.indrelid = any (%s::regclass[]) and not i.indisunique",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"drop index {name}")
    yield
    for _, definition in indexes:
        cursor.execute(definition)


def reset_ids(cursor: Any, table: str) -> None:
    """Lets the table's own ids go on after those given."""
    cursor.execute(
        f"select setval(pg_get_serial_sequence('{table}', 'id'), greatest(max(id), 1)) from {table}"  # noqa: S608
    )
