"""Every case of the law: beside the rulebooks, and here on rulebooks that only tests have.

The form of the tables and their words are the product's own (`replay.casebook`).
"""

from functools import cache
from pathlib import Path

from law.reading import LIBRARIES, SHELVES
from ledger.rulebook.shelf import SHIPPED
from replay.casebook.cases import Case, parse
from replay.casebook.suites import tables, zone_of

HERE = Path(__file__).parent / "cases"
DEFAULT = "douyin-creator"


@cache
def cases() -> dict[str, Case]:
    """Every case by its name."""
    found: dict[str, Case] = {}
    files = [(file, DEFAULT) for file in sorted(HERE.glob("*.txt"))]
    for root in (SHIPPED, *SHELVES):
        files += [(table.file, table.rulebook) for table in tables(root)]
    for file, rulebook in files:
        text = file.read_text(encoding="utf-8")
        for case in parse(text, file.name, (rulebook,), zone_of(LIBRARIES.shelf)):
            assert case.name not in found, f"{file.name}: two cases are named {case.name!r}"
            found[case.name] = case
    return found
