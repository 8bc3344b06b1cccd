"""A table as a source of lines: what the rows that a mapping reads give, as lines of JSONL do.

The import's key holds the mapping's content too: another mapping of the same file begins anew.
"""

from collections.abc import Iterator
from pathlib import Path

from ledger.exchange.intake import How, fingerprint, import_source, printable
from ledger.exchange.mapping import load_mapping
from ledger.exchange.tabular import open_table
from ledger.exchange.tally import Line, Skipped, Tally
from ledger.log.port import Log


def import_table(path: Path, mapping: Path, log: Log, how: How | None = None) -> Tally:
    """Bring a CSV file in.

    Raises InputError where the mapping is wrong, or where the file can't be read (on): what came
    before that is kept, and the next try goes on there.
    """
    table = TableFile(path, mapping, how or How())
    return import_source(table, log, how or How())


def check_table(path: Path, mapping: Path) -> None:
    """Raises InputError where the mapping does not fit the table; only its start is read."""
    next(TableFile(path, mapping, How()).lines(0), None)


class TableFile:
    """A CSV file as a mapping reads it."""

    def __init__(self, path: Path, mapping: Path, how: How) -> None:
        self.name, self.path = printable(path.name), str(path.absolute())
        self._path, self._plan, self._how = path, load_mapping(mapping), how
        key, self.size = fingerprint(path)
        self.key = f"{key}-{self._plan.digest}" + "-trusted" * how.trust
        self.end = self._plan.csv.bytes_of("\n")

    def lines(self, _skip: int, /) -> Iterator[Line]:
        """See `Source`. Earlier rows are read in any case, because `once_per` has to see them."""
        with self._path.open("rb") as self._stream:
            self._ignored = 0
            self._table, rows = open_table(self._stream, self.name, self._plan, self._how.trust)
            for row in rows:
                text = self._plan.csv.bytes_of(row.raw.rstrip("\r\n"))
                for fact in row.facts:
                    yield row.line, text, fact
                for refusal in row.refusals:
                    yield row.line, text, refusal
                if row.skipped:
                    yield row.line, text, Skipped(row.skipped)

    def header(self) -> bytes:
        """See `Source`. So the rejected rows can be mended and imported."""
        csv = self._plan.csv
        return csv.mark() + csv.bytes_of(self._table.header_text.rstrip("\r\n") + "\n")

    def done(self) -> int:
        """See `Source`."""
        return self.size if self._stream.closed else self._stream.tell()

    def ignored(self, _page: list[Line], /) -> int:
        """See `Source`: those of the rows that were read since it was last asked."""
        before, self._ignored = self._ignored, self._table.ignored_recorded_times
        return self._ignored - before
