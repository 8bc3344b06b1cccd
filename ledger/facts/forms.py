"""The forms a field can have outside: how each is checked, read, written and described.

Outside, points are `"1.5"` or `1`, an instant is RFC 3339; inside, both are integers. An annotation
in `facts` names its form; this table gives the form's four faces, so that no fact type needs code
of its own. A reader takes the value as JSON gave it and the whole of `data` (an amount needs its
currency) and raises `Wrong` with what it wanted.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from ledger.facts.currencies import DECIMALS, decimals_of

Data = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END_OF_TIME = 253_402_300_800 * 10**6  # the first instant of the year 10000
ID_LENGTH, TEXT_LENGTH, LIST_LENGTH = 128, 2000, 100
MAX_INTEGER = 10**15


class Wrong(ValueError):  # noqa: N818  a finding that becomes a Refusal, never an error to a person
    """What was wanted instead; `found` overrides how the value is shown, `field` where it stood."""

    def __init__(self, wanted: str, *, found: str = "", field: str = "") -> None:
        super().__init__(wanted)
        self.wanted, self.found, self.field = wanted, found, field


class Form(NamedTuple):
    """One form's reader, writer and JSON Schema."""

    read: Callable[[Any, Data], Any]
    write: Callable[[Any, Any], Any]
    """Takes the stored value and the whole fact."""
    schema: dict[str, Any]


def show(value: object) -> str:
    """A value as a person may safely see it: one line, escaped, not too long."""
    if isinstance(value, float):
        return f"{value!r}, a binary float"
    import json

    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


def same(value: Any, _: Any) -> Any:
    """Nothing to change."""
    return value


def read_id(value: Any, _: Data) -> str:
    """1-128 characters, NFC, none of them control or format (bidi, zero-width)."""
    if type(value) is not str:
        raise Wrong("a string of 1 to 128 characters")
    if not 0 < len(value) <= ID_LENGTH:
        raise Wrong("1 to 128 characters")
    if value.isascii():
        if not value.isprintable():
            raise Wrong("no control characters")
        return value
    for character in value:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
            raise Wrong(f"no control or format characters (U+{ord(character):04X} is one)")
    if not unicodedata.is_normalized("NFC", value):
        raise Wrong(
            f"the same text in Unicode form NFC, {show(unicodedata.normalize('NFC', value))}"
        )
    return value


def read_text(value: Any, _: Data) -> str:
    """Free text of a person; never shown unescaped."""
    if type(value) is not str:
        raise Wrong("a string")
    if not 0 < len(value) <= TEXT_LENGTH:
        raise Wrong(f"1 to {TEXT_LENGTH} characters")
    if not value.isascii() and any(unicodedata.category(c) == "Cs" for c in value):
        raise Wrong("text without lone surrogates")
    return value


def patterned(pattern: str, wanted: str) -> Form:
    """A string that matches `pattern` whole."""

    @lru_cache(maxsize=4096)
    def matches(value: str) -> bool:
        return re.fullmatch(pattern, value) is not None

    def read(value: Any, _: Data) -> str:
        if type(value) is not str or not matches(value):
            raise Wrong(wanted)
        return value

    return Form(read, same, {"type": "string", "pattern": f"^{pattern}$"})


@lru_cache(maxsize=65536)
def scaled(text: str, decimals: int) -> int | None:
    """`"1.5"` with two decimals is 150; None where the text is no such decimal."""
    match = re.fullmatch(r"(-?)([0-9]{1,16})(?:\.([0-9]+))?", text)
    if match is None or len(match[3] or "") > decimals:
        return None
    value = int(match[2] + (match[3] or "").ljust(decimals, "0"))
    return -value if match[1] else value


def unscaled(value: int, decimals: int) -> str:
    """150 with two decimals is `"1.50"`."""
    whole, rest = divmod(abs(value), 10**decimals)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"


def read_scaled(value: Any, decimals: int, wanted: str) -> int:
    """A decimal string or an integer, in units of 10**-decimals."""
    if type(value) is int and abs(value) <= MAX_INTEGER:
        return value * int(10**decimals)
    if type(value) is float and decimals:
        raise Wrong(f'"{value!r}" in quotes: numbers are decimal strings or integers')
    number = scaled(value, decimals) if type(value) is str and len(value) <= 40 else None
    if number is None:
        raise Wrong(wanted)
    return number


def hundredths(low: int, high: int) -> Form:
    """Points and marks: stored in hundredths, from `low` to `high` of them."""
    top = write_hundredths(high, None)
    wanted = f"a decimal string or integer from {low // 100} to {top} with at most two decimals"

    @lru_cache(maxsize=4096, typed=True)
    def number_of(value: Any) -> int:
        number = read_scaled(value, 2, wanted)
        if not low <= number <= high:
            raise Wrong(wanted)
        return number

    def read(value: Any, _: Data) -> int:
        return number_of(value if type(value) in {str, int, float} else show(value))

    # ECMA pattern: the least a schema can say; the range of strings is checked by the reader
    text = {"type": "string", "pattern": r"^[0-9]{1,16}(\.[0-9]{1,2})?$"}
    number = {"type": "integer", "minimum": low // 100, "maximum": high // 100}
    return Form(read, write_hundredths, {"anyOf": [text, number]})


def write_hundredths(value: int, _: Any) -> str:
    """Shortest decimals: `"7"`, `"7.5"`."""
    text = unscaled(value, 2)
    return text.rstrip("0").rstrip(".")


def integer(low: int, high: int) -> Form:
    """A level."""
    wanted = f"an integer from {low} to {high}"

    def read(value: Any, _: Data) -> int:
        number = read_scaled(value, 0, wanted)
        if not low <= number <= high:
            raise Wrong(wanted)
        return number

    plain = {"type": "integer", "minimum": low, "maximum": high}
    return Form(read, same, {"anyOf": [plain, {"type": "string", "pattern": "^[0-9]{1,16}$"}]})


def read_currency(value: Any, _: Data) -> str:
    """A code the table of ISO 4217 knows."""
    if type(value) is not str or value not in DECIMALS:
        raise Wrong("a currency code of ISO 4217, such as CNY")
    return value


def read_minor_units(value: Any, data: Data) -> int:
    """Money, exact in the minor unit of the currency beside it."""
    currency = data.get("currency")
    if type(currency) is not str or currency not in DECIMALS:
        raise Wrong(
            "a currency code of ISO 4217, such as CNY",
            field="currency",
            found="nothing" if currency is None else show(currency),
        )
    decimals = DECIMALS[currency]
    wanted = f"a decimal string or integer with at most {decimals} decimals, exact in {currency}"
    amount = read_scaled(value, decimals, wanted)
    if abs(amount) > MAX_INTEGER:
        raise Wrong(f"at most {MAX_INTEGER} minor units of {currency}")
    return amount


def write_minor_units(value: int, fact: Any) -> str:
    """Money with all the decimals of its currency."""
    return unscaled(value, decimals_of(fact.currency))


_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
).fullmatch
_YEARS = "a year from 1970 to 9999, in UTC"
_NAIVE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+)?"


def read_instant(value: Any, _: Data) -> int:
    """RFC 3339 with offset; years 1970-9999 of UTC, microseconds."""
    if type(value) is not str or not _RFC3339(value):
        raise Wrong(_wanted_instant(value))
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError as error:
        wanted = "a second from 00 to 59" if value[17:19] == "60" else "a date and time that exist"
        raise Wrong(_YEARS if value.startswith("0000") else wanted) from error
    return instant_of(moment)


def instant_of(moment: datetime) -> int:
    """UTC microseconds since 1970 of a time with its zone, in the years that a fact can have."""
    since = moment - EPOCH
    instant = (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds
    if not 0 <= instant < END_OF_TIME:
        raise Wrong(_YEARS)
    return instant


def _wanted_instant(value: Any) -> str:
    example = "such as 2024-07-03T10:00:00+08:00"
    if type(value) is str and re.fullmatch(_NAIVE, value):
        return f"a time with its offset from UTC, {example}"
    if type(value) is str and re.search(r"\.[0-9]{7,}", value):
        return "at most six decimals of a second"
    if type(value) is str and re.match(r"[+-]?[0-9]{5,}-", value):
        return _YEARS
    return f"RFC 3339 with offset, {example}"


def write_instant(value: int, _: Any = None) -> str:
    """In UTC, with the decimals of a second that are there."""
    moment = EPOCH + timedelta(microseconds=value)
    return moment.replace(tzinfo=None).isoformat() + "Z"


def read_period(value: Any, _: Data) -> str:
    """`YYYY-MM` or `YYYY-MM-DD`, a date that exists."""
    wanted = "a month YYYY-MM or the last clean day YYYY-MM-DD, from 1970 on"
    if type(value) is not str or not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", value):
        raise Wrong(wanted)
    try:
        day = date.fromisoformat(value if len(value) == 10 else value + "-01")
    except ValueError as error:
        raise Wrong(f"{wanted}, that exists") from error
    if day.year < 1970:
        raise Wrong(wanted)
    return value


def read_flag(value: Any, _: Data) -> bool:
    """True or false, not a word for them."""
    if type(value) is not bool:
        raise Wrong("true or false")
    return value


INSTANT = Form(read_instant, write_instant, {"type": "string", "format": "date-time"})
ID = Form(read_id, same, {"type": "string", "minLength": 1, "maxLength": ID_LENGTH})
FLAG = Form(read_flag, same, {"type": "boolean"})
WORD = patterned("[a-z][a-z0-9_]{0,63}", "a word of a-z, 0-9 and _ that starts with a letter")

FORMS: dict[str, Form] = {
    "id": ID,
    "word": WORD,
    "rulebook": patterned("[a-z][a-z0-9-]{0,63}", "a rulebook's name without its version"),
    "version": patterned(
        "[0-9A-Za-z][0-9A-Za-z.-]{0,63}", "a version of a rulebook: letters, digits, . and -"
    ),
    "territory": patterned(
        "([A-Z]{2}|[0-9]{3})", "a country of ISO 3166-1 such as DE, or a region of UN M.49: 001"
    ),
    "hash": patterned("[0-9a-f]{64}", "the SHA-256 of the rulebook's file, 64 digits in hex"),
    "text": Form(read_text, same, {"type": "string", "minLength": 1, "maxLength": TEXT_LENGTH}),
    "currency": Form(read_currency, same, {"type": "string", "enum": sorted(DECIMALS)}),
    "minor_units": Form(
        read_minor_units,
        write_minor_units,
        {
            "anyOf": [
                {"type": "string", "pattern": r"^-?[0-9]{1,16}(\.[0-9]+)?$"},
                {"type": "integer"},
            ]
        },
    ),
    "instant": INSTANT,
    "period": Form(
        read_period, same, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"}
    ),
}
