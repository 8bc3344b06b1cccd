"""A table with its outcome columns filled in, for whoever writes the facts first.

What comes out is what the rulebook says, not what it should say: read it before you keep it.
"""

from replay.casebook.run import Libraries, answer
from replay.casebook.suites import Suite, Table, cases, text
from replay.whatif.reform import Shelf


def filled(table: Table, shelf: Shelf) -> str:
    """The text of the table; each row bears what it comes to, all other lines are kept."""
    libraries = Libraries(shelf)
    lines = text(table.file).splitlines()
    for case in cases(Suite(shelf, (table,)), blank=True):
        rows = [lines[row.line - 1].split("|") for row in case.rows]
        width = max(len(columns[1].strip()) for columns in rows)
        for row, columns in zip(case.rows, rows, strict=True):
            what = columns[1].strip().ljust(width)
            said = answer(case, row, libraries)
            lines[row.line - 1] = f"{columns[0].strip()} | {what} | {said}"
    return "\n".join(lines) + "\n"
