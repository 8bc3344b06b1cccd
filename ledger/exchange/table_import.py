"""A table into the log: the rows that a mapping reads, through the same door as lines of JSONL.

The import's key holds the mapping's content too: another mapping of the same file begins anew.
"""

import shutil
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path

from ledger.errors import InputError
from ledger.exchange.intake import Line, Tally, fingerprint, import_lines
from ledger.exchange.mapping import load_mapping
from ledger.exchange.tabular import RowResult, open_table
from ledger.files import whole
from ledger.log.port import Log


def import_table(
    path: Path,
    mapping: Path,
    log: Log,
    *,
    trust: bool = False,
    rejects: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Tally, dict[str, int]]:
    """Bring a CSV file in; also says how many rows were knowingly no facts, by reason.

    Raises InputError where the mapping is wrong, or where the file can't be read (on): what came
    before that is kept, and the next try goes on there.
    """
    plan = load_mapping(mapping)
    key, size = fingerprint(path)
    key += "-" + blake2b(mapping.read_bytes(), digest_size=8).hexdigest()
    if rejects is not None and rejects.resolve() in (path.resolve(), mapping.resolve()):
        raise InputError(f"{str(rejects)!r} is read here: name another file for the rejects")
    start = log.progress(key)
    with path.open("rb") as stream:
        table, rows = open_table(stream, path.name, plan, trust)
        tally = import_lines(
            _lines(rows, start),
            log,
            key,
            path.name,
            start=start,
            trust=trust,
            rejects=rejects,
            report=(lambda: progress(stream.tell(), size)) if progress else None,
        )
    tally.ignored_recorded_times = table.ignored_recorded_times
    if rejects is not None and not tally.clean:
        _put_first(rejects, table.header_text)
    return tally, dict(table.skipped)


def _lines(rows: Iterator[RowResult], start: int) -> Iterator[Line]:
    """One line for each fact and refusal of a row.

    A page may end within a row, so a resumed import does the row at `start` again; earlier rows
    are read but not recorded, because `once_per` has to see them.
    """
    for row in rows:
        if row.line < start:
            continue
        text = row.raw.rstrip("\r\n").encode("utf-8", "surrogateescape")
        for fact in row.facts:
            yield row.line, text, fact
        for refusal in row.refusals:
            yield row.line, text, refusal


def _put_first(path: Path, header: str) -> None:
    """The header above the rejected rows, so that the file can be mended and imported."""
    with path.open("rb") as rows, whole(path) as out:
        out.write(header.rstrip("\r\n").encode() + b"\n")
        shutil.copyfileobj(rows, out)
