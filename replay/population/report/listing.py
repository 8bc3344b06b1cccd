"""`--list FILE`: who is newly stopped or freed, as CSV or Parquet, with a manifest beside it."""

import csv
import io
import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ledger.errors import InputError
from ledger.files import whole
from ledger.text import safe

View = dict[str, Any]
COLUMNS = ("creator", "change", "score_before", "score_after", "features", "until")
ENDINGS = (".csv", ".parquet")


def check_place(path: Path) -> None:
    """Refuse, before any work, what can't be written. Raises InputError."""
    if path.suffix not in ENDINGS:
        raise InputError(f"{path}: a list ends in .csv or .parquet")
    check_folder(path)
    if path.suffix == ".parquet":
        _arrow()


def check_folder(path: Path) -> None:
    """As `check_place`, of a file with any ending."""
    if not path.parent.is_dir():
        raise InputError(f"{path}: can't be written: there is no folder {str(path.parent)!r}")
    if path.is_dir():
        raise InputError(f"{path}: can't be written: it is a folder")


def write_list(path: Path, rows: Sequence[View], manifest: View) -> None:
    """Both files whole or not at all, the manifest last. Raises InputError."""
    data = _parquet(rows, manifest) if path.suffix == ".parquet" else _csv(rows)
    said = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    beside = path.with_name(f"{path.name}.manifest.json")
    try:
        for place, content in ((path, data), (beside, said.encode())):
            with whole(place) as out:
                out.write(content)
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from None


def _csv(rows: Sequence[View]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_shown(row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue().encode()


def _shown(value: str | None) -> str:
    """Nothing that a spreadsheet would take for a formula."""
    text = safe(value or "")
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") else text


def _parquet(rows: Sequence[View], manifest: View) -> bytes:
    arrow, parquet = _arrow()
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    schema = arrow.schema([(name, arrow.string()) for name in COLUMNS])
    said = json.dumps(manifest, ensure_ascii=False, sort_keys=True)
    table = arrow.table(columns, schema=schema).replace_schema_metadata({"manifest": said})
    out = arrow.BufferOutputStream()
    parquet.write_table(table, out, compression="zstd")
    data: bytes = out.getvalue().to_pybytes()
    return data


def _arrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise InputError(
            "Parquet is written by pyarrow, which is not here: "
            "pip install 'penalty-ledger[archive]', or name a .csv"
        ) from None
