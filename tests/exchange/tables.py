"""Small tables and mappings for the tests beside this file."""

import io
from pathlib import Path

from ledger.exchange.mapping import Mapping, load_mapping
from ledger.exchange.tabular import RowResult, Table, open_table

MAPPING = """
[every]
id = "{id}"
source = "urn:test"
subject = "{who}"
time = "{at}"
"""
FOUND = """
[[fact]]
type = "violation_found"
data = { violation = "v{id}", category = "spam", detected_by = "other" }
"""
HEADER = "id,who,at,kind,points"
AT = "2024-07-08T00:00:00+08:00"


def written(folder: Path, toml: str, every: str = MAPPING) -> Path:
    path = folder / "mapping.toml"
    path.write_text(every + toml, encoding="utf-8")
    return path


def stream(data: bytes | str) -> io.BufferedReader:
    raw = data.encode() if isinstance(data, str) else data
    return io.BufferedReader(io.BytesIO(raw))  # type: ignore[arg-type]


def read(mapping: Mapping, data: bytes | str, trust: bool = False) -> tuple[Table, list[RowResult]]:
    table, rows = open_table(stream(data), "t.csv", mapping, trust)
    return table, list(rows)


def rows_of(folder: Path, toml: str, *rows: str, every: str = MAPPING) -> list[RowResult]:
    """What the rows give under a mapping; the header is HEADER."""
    mapping = load_mapping(written(folder, toml, every))
    return read(mapping, "\n".join((HEADER, *rows)) + "\n")[1]
