"""From the cells of a row to one value: what each form of a mapping file means.

Every maker takes what the mapping says and the table's header, and returns a function from a row's
cells to a value, with the names of the columns it looks at. The function returns None for what is
absent (an empty cell) and raises BadCell for what is wrong. Makers raise ValueError for a mapping
that does not fit the table.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.exchange.mapping import Instant, Value, pieces

Cells: TypeAlias = list[str]
Make: TypeAlias = Callable[[Cells], object]
Made: TypeAlias = tuple[Make, list[str]]

NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{0,10})?([eE][+-]?\d)?\Z", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,18}\Z", re.ASCII)
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SERIAL = re.compile(r"\d{2,7}(\.\d{0,20})?\Z", re.ASCII)
EXCEL = datetime(1899, 12, 30)
WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "f": 6}
"""Of the directives that are read without strptime, in the order in which a datetime has them."""
ISO = re.compile(r"%Y-%m-%d([^%]%H:%M(:%S(\.%f)?)?)?")
"""Formats whose texts `fromisoformat` reads alike, in half the time of a match and its groups."""
FURTHEST = 10**9
"""Seconds that `plus_seconds` may add: some thirty years."""


class _BadTimeError(ValueError):
    """A time that is read and can't be meant; says what is wanted."""


class BadCell(Exception):  # noqa: N818 - a value on its way to a Refusal, not an error of ours
    """A cell that can't become the value that the mapping wants."""

    def __init__(self, columns: list[str], found: str, wanted: str) -> None:
        super().__init__(wanted)
        self.columns, self.found, self.wanted = ", ".join(columns), found, wanted


def value_maker(spec: str | int | bool | list[str] | Value, header: list[str]) -> Made:
    """A field's value: a template, a constant, a list of templates, or a table of `Value`."""
    if isinstance(spec, str):
        return template_maker(spec, header)
    if isinstance(spec, list):
        return _list_maker(spec, header)
    if not isinstance(spec, Value):
        return (lambda _: spec), []
    make, columns = _text_maker(spec.column, spec.template, header)
    if spec.map is not None:
        make, columns = _map_maker(spec, make, columns, header)
    elif spec.otherwise is not None:
        raise ValueError("otherwise: only beside map")
    if spec.places is not None and spec.as_ != "decimal":
        raise ValueError('places: only with as = "decimal"')
    return _form_maker(spec, make, columns), columns


def template_maker(template: str, header: list[str]) -> Made:
    """Text with columns in it; absent where a column is empty."""
    parts = [
        (p.literal, None if p.column is None else _index(p.column, header), p.length)
        for p in pieces(template)
    ]
    columns = [p.column for p in pieces(template) if p.column is not None]
    if not columns:
        constant = "".join(literal for literal, _, _ in parts)
        return (lambda _: constant), []
    if len(parts) == 1 and parts[0][0] == "" and parts[0][2] is None:
        only = parts[0][1]
        assert only is not None
        return (lambda cells: cells[only] or None), columns

    def make(cells: Cells) -> str | None:
        text = ""
        for literal, index, length in parts:
            text += literal
            if index is not None:
                cell = cells[index]
                if not cell:
                    return None
                text += cell if length is None else cell[:length]
        return text

    return make, columns


def instant_maker(spec: str | Instant, header: list[str]) -> Made:
    """A time in RFC 3339, UTC."""
    if isinstance(spec, str):
        spec = Instant(template=spec)
    make, columns = _text_maker(spec.column, spec.template, header)
    formats = [spec.format] if isinstance(spec.format, str) else spec.format
    wanted = "a time in ISO 8601"
    if formats is not None:
        wanted = f"a time as {' or '.join(map(repr, formats))}"
    read = _reader(formats, spec.zone)
    later, more = _seconds_maker(spec.plus_seconds, header)
    as_read = spec.plus_seconds == 0

    def made(cells: Cells) -> str | None:
        text = make(cells)
        if text is None:
            return None
        try:
            at = read(str(text))
            return (at if as_read else at + timedelta(seconds=later(cells))).isoformat()
        except _BadTimeError as bad:
            raise BadCell(columns, repr(text), str(bad)) from None
        except (ValueError, OverflowError):
            raise BadCell(columns, repr(text), wanted) from None

    return made, columns + more


def _reader(formats: list[str] | None, zone_name: str | None) -> Callable[[str], datetime]:
    zone = _zone(zone_name)
    if formats is not None and not formats:
        raise ValueError("format: at least one is needed")
    readers = [format_reader(form) for form in formats or []] or [datetime.fromisoformat]
    one = readers[0] if len(readers) == 1 else partial(_one_reading, readers=readers)

    # the days of a log repeat; each is read once
    @lru_cache(maxsize=4096)
    def read(text: str) -> datetime:
        at = one(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        if zone is None:
            raise _BadTimeError("a time with an offset; or give the mapping a zone")
        there = at.replace(tzinfo=zone).astimezone(UTC)
        if there.astimezone(zone).replace(tzinfo=None) != at:
            raise _BadTimeError(f"another time: the clocks of {zone_name} skipped this one")
        return there

    return read


def _one_reading(text: str, readers: list[Callable[[str], datetime]]) -> datetime:
    """What the formats that fit read, if they agree."""
    found: list[datetime] = []
    for read in readers:
        with suppress(ValueError, OverflowError):
            at = read(text)
            if at not in found:
                found.append(at)
    if not found:
        raise ValueError(text)
    if len(found) > 1:
        several = " or ".join(f"{at:%Y-%m-%d %H:%M}" for at in found)
        raise _BadTimeError(f"a time that its formats read alike, not as {several}")
    return found[0]


def format_reader(form: str) -> Callable[[str], datetime]:
    """What reads a time in a format; it raises ValueError for a text that is none."""
    if form == "excel":
        return _excel
    try:
        datetime.strptime("", form)
    except re.error:
        raise ValueError(f"format: {form!r} names something twice") from None
    except ValueError as error:
        if "does not match" not in str(error):
            raise ValueError(f"format: {form!r}: {error}") from None
    return _padded_reader(form) or (lambda text: datetime.strptime(text, form))


def _padded_reader(form: str) -> Callable[[str], datetime] | None:
    """What strptime reads, at a fraction of its price where every number has its full width.

    None for a format of other directives. Only what is surely read the same is read here: all
    else, and whatever is no time, is left to strptime.
    """
    pattern, found = "", ""
    for words, directive in re.findall(r"([^%]+)|%(.)", form, re.DOTALL):
        if words or directive == "%":
            pattern += re.escape(words or directive)
        elif directive in WIDTHS:
            pattern += rf"(\d{{{WIDTHS[directive]}}})"
            found += directive
        else:
            return None
    whole = [d for d in WIDTHS if d in found]
    if whole != list(WIDTHS)[: len(whole)] or len(whole) < 3:
        return None
    match = re.compile(pattern, re.ASCII).fullmatch
    places = [found.index(d) + 1 for d in whole]
    iso = ISO.fullmatch(form) is not None

    def read(text: str) -> datetime:
        if parts := match(text):
            try:
                if iso:
                    return datetime.fromisoformat(text)
                return datetime(*map(int, parts.group(*places)))  # type: ignore[arg-type]
            except ValueError:
                pass
        return datetime.strptime(text, form)

    return read


def _excel(text: str) -> datetime:
    """A day counted from 1899-12-30 with its part of a day, exact to a millisecond."""
    if not SERIAL.match(text):
        raise ValueError(text)
    return EXCEL + timedelta(milliseconds=round(Decimal(text) * 86_400_000))


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"zone: {name!r} is no IANA time zone, as Europe/Rome") from None


def _seconds_maker(spec: str | int, header: list[str]) -> tuple[Callable[[Cells], int], list[str]]:
    if isinstance(spec, int):
        return (lambda _: spec), []
    index = _index(spec, header)

    def make(cells: Cells) -> int:
        text = cells[index]
        if text and not (INTEGER.match(text) and abs(int(text)) <= FURTHEST):
            raise BadCell([spec], repr(text), "a whole number of seconds")
        return int(text or 0)

    return make, [spec]


def _text_maker(column: str | None, template: str | None, header: list[str]) -> Made:
    if (column is None) == (template is None):
        raise ValueError("exactly one of column and template is needed")
    if template is not None:
        return template_maker(template, header)
    assert column is not None
    index = _index(column, header)
    return (lambda cells: cells[index] or None), [column]


def _list_maker(spec: list[str], header: list[str]) -> Made:
    makers = [template_maker(text, header) for text in spec]
    columns = [column for _, names in makers for column in names]

    def make(cells: Cells) -> list[object] | None:
        return [v for each, _ in makers if (v := each(cells)) is not None] or None

    return make, columns


def _map_maker(spec: Value, make: Make, columns: list[str], header: list[str]) -> Made:
    known = spec.map or {}
    fallback = None
    if spec.otherwise is not None:
        fallback, more = template_maker(spec.otherwise, header)
        columns = columns + more

    def mapped(cells: Cells) -> object:
        text = make(cells)
        value = known.get("" if text is None else str(text))
        if value is not None:
            return value or None
        if text is None:
            return None
        if fallback is None:
            raise BadCell(columns, repr(text), f"one of {', '.join(known)}")
        return fallback(cells)

    return mapped, columns


def _form_maker(spec: Value, make: Make, columns: list[str]) -> Make:
    if spec.as_ == "text":
        return make
    places = 2 if spec.places is None else spec.places
    forms: dict[str, Callable[[str], object]] = {
        "decimal": lambda text: decimal(text, places),
        "boolean": _boolean,
    }
    form = forms[spec.as_]

    def made(cells: Cells) -> object:
        text = make(cells)
        if text is None:
            return None
        try:
            return form(str(text))
        except ValueError as error:
            raise BadCell(columns, repr(text), str(error)) from None

    return made


@lru_cache(maxsize=4096)
def decimal(text: str, places: int) -> str:
    """A number in text, floats included, with exactly that many places: 35.0 → 35.00."""
    if not NUMBER.match(text):
        raise ValueError("a decimal number")
    number = Decimal(text)
    exact = round(number, places)
    if exact != number:
        raise ValueError(f"a number with at most {places} decimals")
    return f"{abs(exact) if exact == 0 else exact:f}"


def _boolean(text: str) -> bool:
    value = BOOLEANS.get(text.lower())
    if value is None:
        raise ValueError(f"one of {', '.join(BOOLEANS)}")
    return value


def _index(column: str, header: list[str]) -> int:
    if column not in header:
        raise ValueError(f"there is no column {column!r}; there are {shown(header)}")
    return header.index(column)


def shown(header: list[str]) -> str:
    """Columns by their names; what can't be seen in them is escaped."""
    return ", ".join(name if name.isprintable() else repr(name) for name in header)
