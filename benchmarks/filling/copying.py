"""Rows by COPY that look like rows of Odoo's own.

One record of each kind is made through Odoo itself, read back as a pattern and rolled
back. The generated rows repeat the pattern and vary a few columns, so that every other
column holds what Odoo would have written, whatever modules are installed.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from odoo.tools import SQL

#: Rows sent to the server at a time.
BATCH = 20_000

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Pattern:
    """A row as text, with its table."""

    def __init__(self, cr, table: str, row_id: int):
        cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
            " ORDER BY attnum",
            [table],
        )
        self.table = table
        self.columns = [name for (name,) in cr.fetchall()]
        as_text = [SQL("%s::text", SQL.identifier(name)) for name in self.columns]
        cr.execute(
            SQL(
                "SELECT %s FROM %s WHERE id = %s",
                SQL(", ").join(as_text),
                SQL.identifier(table),
                row_id,
            )
        )
        self.values = dict(zip(self.columns, cr.fetchone(), strict=True))

    def but(self, **values) -> "Pattern":
        """The same with other values for all rows."""
        other = object.__new__(type(self))
        other.table, other.columns = self.table, self.columns
        other.values = {**self.values, **values}
        return other


class Copier:
    """Appends rows to tables and hands out their ids."""

    def __init__(self, cr):
        self.cr = cr
        self._last_ids: dict[str, int] = {}

    def ids(self, table: str, count: int) -> range:
        """The next ids of a table."""
        if table not in self._last_ids:
            query = SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
            self.cr.execute(query)
            self._last_ids[table] = self.cr.fetchone()[0]
        first = self._last_ids[table] + 1
        self._last_ids[table] += count
        return range(first, first + count)

    def append(self, pattern: Pattern, varied: list[str], rows: Iterable[tuple]):
        """Append a row like the pattern for each of ``rows``, which give the values of
        the columns ``varied``."""
        fixed = [name for name in pattern.columns if name not in varied]
        tail = "".join(f"\t{text(pattern.values[name])}" for name in fixed) + "\n"
        self._copy(pattern.table, [*varied, *fixed], _lines(rows, tail))

    def relate(self, table: str, columns: list[str], rows: Iterable[tuple]):
        """Append rows to a table that has no other columns."""
        self._copy(table, columns, _lines(rows, "\n"))

    def finish(self):
        """Let the sequences go on behind the last row."""
        for table, last_id in self._last_ids.items():
            self.cr.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", last_id])

    @contextmanager
    def bare(self, *tables: str):
        """Without the indexes and foreign keys of these tables, which are made again at
        the end: sorting and checking a million rows at once is faster than one by one,
        and rows that refer to each other may come in any order.
        """
        indexes, keys = self._indexes(tables), self._foreign_keys(tables)
        for name, *_definition in indexes:
            self.cr.execute(f"DROP INDEX {name}")
        for table, name, _definition in keys:
            self.cr.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        yield
        self.cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for name, definition, comment in indexes:
            self.cr.execute(definition)
            if comment:
                # Odoo reads from it whether the definition has changed.
                self.cr.execute(f"COMMENT ON INDEX {name} IS %s", [comment])
        for table, name, definition in keys:
            self.cr.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')

    def _indexes(self, tables) -> list[tuple]:
        self.cr.execute(
            """
            SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid),
                   obj_description(indexrelid, 'pg_class')
              FROM pg_index
             WHERE indrelid = ANY(%s::regclass[])
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
            """,
            [list(tables)],
        )
        return self.cr.fetchall()

    def _foreign_keys(self, tables) -> list[tuple]:
        self.cr.execute(
            """
            SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
              FROM pg_constraint
             WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f'
            """,
            [list(tables)],
        )
        return self.cr.fetchall()

    def forget(self):
        """Ask for the last ids again, after Odoo made records of its own."""
        self.finish()
        self._last_ids.clear()

    def _copy(self, table: str, columns: list[str], lines: Iterator[str]):
        names = ", ".join(f'"{name}"' for name in columns)
        command = f'COPY "{table}" ({names}) FROM STDIN'
        batch: list[str] = []
        for line in lines:
            batch.append(line)
            if len(batch) == BATCH:
                self.cr.copy_expert(command, io.StringIO("".join(batch)))
                batch.clear()
        self.cr.copy_expert(command, io.StringIO("".join(batch)))


def _lines(rows: Iterable[tuple], tail: str) -> Iterator[str]:
    for row in rows:
        yield "\t".join(map(text, row)) + tail


def text(value) -> str:
    """A value as COPY wants it.

    >>> text(None), text(True), text("a\\tb"), text(1.5)
    ('\\\\N', 't', 'a\\\\tb', '1.5')
    """
    if value is None:
        return r"\N"
    if value is True or value is False:
        return "t" if value else "f"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)


class _Enough(Exception):
    pass


@contextmanager
def example(env):
    """Records made inside are gone afterwards, and nothing remembers them."""
    try:
        with env.cr.savepoint():
            yield
            env.flush_all()
            raise _Enough
    except _Enough:
        env.invalidate_all(flush=False)
        env.registry.clear_all_caches()
