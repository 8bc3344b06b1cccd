"""A template of a statement: text in Markdown, with fields in braces.

`{restrictions}` stands for a value. A line with one field that has several values is printed once
for each of them; `{{` is a brace. There is nothing else: no attribute, no expression.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from ledger.errors import InputError
from ledger.exchange.mapping import pieces
from ledger.text import safe

SHIPPED = Path(__file__).parent / "templates"
MAX_BYTES = 256 * 1024


def shipped(language: str) -> Path:
    """The template that comes with the package."""
    return SHIPPED / f"{language}.md"


def read(path: Path) -> list[str]:
    """The lines of a template. Raises InputError where it can't be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise InputError(f"template {path}: over {MAX_BYTES} bytes; at most that many")
        return raw.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"template {path}: can't be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"template {path}: not UTF-8 ({error.reason})") from None


def check(lines: Sequence[str], name: str, fields: Sequence[str]) -> None:
    """Raises InputError at the first field that there is not, with the nearest that there is."""
    for number, line in enumerate(lines, 1):
        try:
            named = [piece.column for piece in pieces(line) if piece.column is not None]
        except ValueError:
            raise InputError(
                f"template {name}, line {number}: found {safe(line)!r}; a field is {{name}}, and "
                "{{ is a brace"
            ) from None
        for field in named:
            if field not in fields:
                near = get_close_matches(field, fields, 1, 0.5)
                meant = f"is {{{near[0]}}} meant?" if near else f"one of {', '.join(fields)}"
                raise InputError(f"template {name}, line {number}: no field {{{field}}}; {meant}")


def fill(
    lines: Sequence[str], values: Mapping[str, Sequence[str]], separator: str
) -> Iterator[str]:
    """The text, line by line; every field has at least one value."""
    for line in lines:
        parts = pieces(line)
        fields = [piece for piece in parts if piece.column is not None]
        repeats = max(len(values[str(fields[0].column)]), 1) if len(fields) == 1 else 1
        for n in range(repeats):
            text = ""
            for literal, column, length in ((p.literal, p.column, p.length) for p in parts):
                text += literal
                if column is not None:
                    given = values[column]
                    said = given[n] if len(fields) == 1 else separator.join(given)
                    text += said[:length]
            yield safe(text)
