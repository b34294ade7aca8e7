"""What the tables hold when a test begins: nothing, or the town of tests/cast.py.

The town is written once for each test process. What a test committed is taken away before the next one, and only in the tables
in which it did: to empty all tables and write the town anew took longer than most tests do.
"""

import pickle

import psycopg
from psycopg import sql

#: A table that grew to so many bytes is emptied with all others: rows that were taken away one by one still lie in its file.
MOST_BYTES = 1 << 20
#: Each change of a boundary draws its number, so that no two towns have the same.
STAMP = "areas_boundarystamp"


class Stage:
    def __init__(self, server):
        self._server = server
        # The superuser, whose rows come and go in any order and without what the triggers make of it.
        self._hand = psycopg.connect(server.dsn("postgres"))
        self._hand.execute("set session_replication_role = replica")
        found = self._hand.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            " and relname not in ('django_migrations', %s) order by 1",
            [STAMP],
        )
        self._tables = [name for (name,) in found]
        self._hand.commit()
        self._every_look = " union all ".join(
            f"select '{table}', seen.* from ({_LOOK.format(table=table)}) seen" for table in self._tables
        )
        self._owner = None
        #: Of the town: the rows of each table as COPY tells them, and who is in it.
        self._kept, self._cast = {}, b""
        #: By table with rows: how many there are when nothing was changed, and the transaction that wrote them.
        self._written = {}
        self._town_stands = False

    def close(self):
        for connection in (self._hand, self._owner):
            if connection:
                connection.close()

    def owner(self):
        """The owner's connection as a new one would be."""
        if self._owner and not self._owner.closed:
            try:
                self._owner.rollback()
                self._owner.autocommit = True
                self._owner.execute("discard all")
                self._owner.autocommit = False
            except psycopg.Error:
                self._owner.close()
        if not self._owner or self._owner.closed:
            self._owner = psycopg.connect(self._server.dsn("wangge_owner"), prepare_threshold=None)
        return self._owner

    def set_town(self, lay_out):
        """The town as `lay_out` makes it, which gives what is to be known of it; each caller has copies of their own."""
        if not self._cast:
            self._begin(lay_out)
        elif self._town_stands:
            self._take_away()
        else:
            self._empty()
            self._put(self._kept)
        self._draw_stamp()
        self._hand.commit()
        self._town_stands = True
        return pickle.loads(self._cast)

    def strike(self):
        """Nothing is left of the town, nor of what came to it."""
        if self._town_stands:
            self._empty()
            self._hand.commit()
            self._town_stands = False

    def _begin(self, lay_out):
        """The first time: what lies there then is remembered, and written again as it will be each time."""
        self._empty(restart=True)
        self._hand.commit()
        owner = self.owner()
        self._cast = pickle.dumps(lay_out(owner))
        owner.commit()
        for table in self._tables:
            with self._hand.cursor().copy(_of("copy {} to stdout", table)) as rows:
                if told := b"".join(rows):
                    self._kept[table] = told
        self._empty()
        self._put(self._kept)

    def _empty(self, *, restart=False):
        self._hand.execute(_of_all("truncate {}" + " restart identity" * restart, [*self._tables, STAMP]))
        self._hand.execute(_of("insert into {} values (1, 1)", STAMP))
        self._written = {}

    def _put(self, kept):
        for table, told in kept.items():
            with self._hand.cursor().copy(_of("copy {} from stdin", table)) as rows:
                rows.write(told)
            self._written[table] = self._look(table)

    def _look(self, table):
        """How many rows lie there, and the first and the last transaction that wrote one of them."""
        return self._hand.execute(_LOOK.format(table=table)).fetchone()

    def _take_away(self):
        """What was changed since; whoever still writes is waited for."""
        self._hand.execute(_of_all("lock table {} in share mode", self._tables))
        looks = self._hand.execute(self._every_look, prepare=True)
        changed = [
            table for table, *seen in looks if tuple(seen) != self._written.get(table, (0, None, None))
        ]
        if self._bytes_of(changed) > MOST_BYTES:
            self._empty()
            self._put(self._kept)
            return
        for table in changed:
            self._hand.execute(_of("delete from {}", table))
        self._put({table: self._kept[table] for table in changed if table in self._kept})

    def _bytes_of(self, tables):
        return self._hand.execute(
            "select coalesce(max(pg_relation_size(name::regclass)), 0) from unnest(%s::text[]) as name",
            [tables],
        ).fetchone()[0]

    def _draw_stamp(self):
        self._hand.execute(_of("delete from {}", STAMP))
        self._hand.execute(_of("insert into {} values (1, nextval('areas_boundary_stamps'))", STAMP))


_LOOK = "select count(*), min(xmin::text::bigint), max(xmin::text::bigint) from {table}"


def _of(statement, table):
    return _of_all(statement, [table])


def _of_all(statement, tables):
    return sql.SQL(statement).format(sql.SQL(", ").join(map(sql.Identifier, tables)))
