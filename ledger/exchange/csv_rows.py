"""CSV text → rows of cells, each with its line and its text, so that a refused row can be kept.

Memory stays flat: a line is read when the row is asked for, and a line that never ends is an error.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import suppress

from ledger.errors import InputError
from ledger.exchange.cells import Cells
from ledger.exchange.mapping import Csv
from ledger.facts.cloudevents import Refusal

MAX_LINE = 1 << 20


def csv_rows(
    text: io.TextIOWrapper, file: str, dialect: Csv
) -> Iterator[tuple[int, str, Cells | Refusal]]:
    """Each row's first line, its text and its cells; a row that is not CSV as a refusal."""
    taken: list[str] = []
    reader = csv.reader(
        _lines(text, taken, file), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
    )
    try:
        while True:
            line = reader.line_num + 1
            cells: Cells | Refusal
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells = Refusal(file, line, "row", str(error), "CSV with one row per line")
            except (EOFError, gzip.BadGzipFile, OSError, UnicodeError) as error:
                raise InputError(f"{file}: line {line}: can't be read on: {error}") from None
            raw = "".join(taken)
            taken.clear()
            if not raw.isascii() and not _is_text(raw):
                cells = Refusal(
                    file,
                    line,
                    "row",
                    "bytes that are no text",
                    f"text in {dialect.encoding}, which [csv] encoding names",
                )
            if cells:
                yield line, raw, cells
    finally:
        with suppress(ValueError):  # the caller has closed the stream, or will
            text.detach()


def _lines(text: io.TextIOWrapper, taken: list[str], file: str) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise InputError(f"{file}: line {number}: longer than {MAX_LINE} characters; not CSV?")
        taken.append(line)
        yield line


def _is_text(raw: str) -> bool:
    try:
        raw.encode()
    except UnicodeEncodeError:
        return False
    return True
