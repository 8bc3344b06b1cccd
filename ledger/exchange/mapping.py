"""A mapping file as data: how the columns of somebody's table become facts.

The file is TOML (`docs/mapping.md`). A string is a template, `{column}` or `{column:.4}` for its
first characters, and nothing else: no attribute, no index, no expression. Whoever may write a
mapping may therefore run nothing. `tabular` compiles the structs here against the table's header.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, TypeAlias, cast

import msgspec
import tomli
from msgspec import Meta, Struct, field

from ledger.errors import InputError
from ledger.facts.types import TYPE_OF

MAX_BYTES, MAX_DOTS = 32 * 1024, 16
CUT = re.compile(r"\.\d{1,3}\Z", re.ASCII)

Scalar: TypeAlias = str | int | bool
Conditions: TypeAlias = dict[str, list[str] | str]
"""Column → the values one of which its cell must have. `""` is the empty cell."""


class Value(Struct, frozen=True, forbid_unknown_fields=True):
    """What one field is made of: a column or a template, then the map, then the form."""

    column: str | None = None
    template: str | None = None
    map: dict[str, str] | None = None
    """Cell → value. A cell that is not listed is refused, unless `otherwise` says more."""
    otherwise: str | None = None
    """Template for cells that `map` does not list."""
    as_: Literal["text", "decimal", "boolean"] = field(default="text", name="as")
    places: Annotated[int, Meta(ge=0, le=6)] | None = None
    """For `decimal`: the number of decimal places to write, 2 where absent."""


class Instant(Struct, frozen=True, forbid_unknown_fields=True):
    """A point in time: RFC 3339 or ISO 8601, or what `format` (as in strptime) says.

    `excel` is a serial date. Of several formats each may read it, but not to different times.
    """

    column: str | None = None
    template: str | None = None
    format: str | list[str] | None = None
    zone: str | None = None
    """IANA zone of times that carry no offset."""
    plus_seconds: str | int = 0
    """A column (or a number) of seconds to add, so that rows of one day keep their order."""


class Skip(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows that are knowingly no facts, and the reason."""

    when: Conditions
    why: str
    unless: Conditions = {}


class Row(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fact that a row may give. Envelope fields left out come from `[every]`."""

    type: str
    when: Conditions = {}
    unless: Conditions = {}
    once_per: str | None = None
    """A template: only the first row of each of its values gives this fact."""
    id: str | None = None
    source: str | None = None
    subject: str | Value | None = None
    time: str | Instant | None = None
    recordedtime: str | Instant | None = None
    data: dict[str, Scalar | list[str] | Value] = {}


class Every(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for each fact that does not say otherwise."""

    id: str | None = None
    source: str | None = None
    subject: str | Value | None = None
    time: str | Instant | None = None
    recordedtime: str | Instant | None = None


class Csv(Struct, frozen=True, forbid_unknown_fields=True):
    """The dialect: one-character delimiter and quote, and the encoding of the text."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8-sig"

    def bytes_of(self, text: str) -> bytes:
        """Text as it stands inside the file."""
        return text.encode(self.encoding, "surrogateescape").removeprefix("".encode(self.encoding))

    def mark(self) -> bytes:
        """What stands at the start of the file where the encoding can't do without."""
        no_need = codecs.lookup(self.encoding).name == "utf-8-sig"
        return b"" if no_need else "".encode(self.encoding)


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole mapping file; `name` is the file's, for messages, `digest` that of what it says."""

    fact: list[Row]
    title: str = ""
    csv: Csv = Csv()
    every: Every = Every()
    skip: list[Skip] = []
    name: str = "mapping"
    digest: str = ""

    def columns(self) -> set[str]:
        """The columns that it asks for, as far as they stand by themselves."""
        found: set[str] = set()
        rows: list[Row | Skip] = [*self.fact, *self.skip]
        for row in rows:
            found |= row.when.keys() | row.unless.keys()
        for part in (self.every, *self.fact):
            given = [getattr(part, name) for name in Every.__struct_fields__]
            for spec in (*given, *getattr(part, "data", {}).values()):
                column = getattr(spec, "column", None)
                template = spec if isinstance(spec, str) else getattr(spec, "template", None)
                found |= {column} if column else set()
                found |= {p.column for p in pieces(template or "") if p.column}
        return found


class Piece(Struct, frozen=True):
    """A part of a template: literal text, then a column cut to `length` characters."""

    literal: str
    column: str | None
    length: int | None


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file. Raises InputError: file, key path, found, allowed."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"mapping {path}: can't be read ({error.strerror})") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"mapping {path}: over {MAX_BYTES} bytes; at most that many")
    try:
        text = raw.decode()
        if any(line.partition("=")[0].count(".") > MAX_DOTS for line in text.splitlines()):
            raise InputError(f"mapping {path}: a key with over {MAX_DOTS} dots")
        mapping = _convert(tomli.loads(text))
    except (UnicodeDecodeError, tomli.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"mapping {path}: not TOML in UTF-8: {error}") from None
    except ValueError as error:  # of our own making
        raise InputError(f"mapping {path}: {error}") from None
    digest = blake2b(msgspec.json.encode(mapping), digest_size=8).hexdigest()
    mapping = msgspec.structs.replace(mapping, name=str(path), digest=digest)
    for problem in _problems(mapping):
        raise InputError(f"mapping {path}: {problem}")
    return mapping


def pieces(template: str) -> list[Piece]:
    """Take a template apart. Raises ValueError with what is wrong and what is allowed."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"{template!r}: {error}; write {{column}}, or {{{{ for a brace") from None
    found = []
    for literal, column, form, conversion in parts:
        if conversion or (form and not CUT.match(form)):
            raise ValueError(f"{template!r}: only {{column}} and {{column:.4}} are allowed")
        found.append(Piece(literal, column, int(form[1:]) if form else None))
    return found


def _problems(mapping: Mapping) -> Iterator[str]:
    """What the structs alone can't see; columns are checked against the header, in `tabular`."""
    if not mapping.fact:
        yield "fact: there is no [[fact]]; at least one is needed"
    yield from _dialect_problems(mapping.csv)
    for n, row in enumerate(mapping.fact):
        where = f"fact[{n}]"
        if row.type not in TYPE_OF:
            yield f"{where}.type: {row.type!r} is no fact; one of {', '.join(TYPE_OF)}"
            return
        fields = TYPE_OF[row.type].__struct_fields__
        for name in row.data:
            if name not in fields:
                allowed = ", ".join(fields) or "none"
                yield f"{where}.data.{name}: {row.type} has no such field; it has {allowed}"
        for name in ("id", "source", "subject", "time"):
            if getattr(row, name) is None and getattr(mapping.every, name) is None:
                yield f"{where}.{name}: missing here and in [every]"


def _dialect_problems(csv: Csv) -> Iterator[str]:
    try:  # some of Python's are no encodings of tables, such as those of host names
        csv.bytes_of("a").decode(csv.encoding, "surrogateescape")
    except (LookupError, ValueError):
        yield f"csv.encoding: {csv.encoding!r} is no encoding of tables, as utf-8 or gb18030"
    if len(csv.delimiter) != 1 or len(csv.quote) != 1:
        yield "csv: delimiter and quote are one character each"
        return
    narrow = csv.quote.isprintable() and unicodedata.east_asian_width(csv.quote) not in "WF"
    if not narrow or csv.quote.isspace() or csv.quote.isalnum() or csv.quote == csv.delimiter:
        yield (
            f"csv.quote: {csv.quote!r} can't quote; one narrow character that is no letter, digit, "
            "blank or the delimiter, as \" or '"
        )
    if csv.delimiter in "\r\n\0":
        yield f"csv.delimiter: {csv.delimiter!r} can't part cells; one as , or ; or a tab"


def _convert(document: dict[str, object]) -> Mapping:
    """The document as structs. Raises ValueError with the key path first."""
    facts = document.get("fact")
    for n, row in enumerate(facts if isinstance(facts, list) else []):
        data = row.get("data") if isinstance(row, dict) else None
        for name, value in data.items() if isinstance(data, dict) else ():
            # one by one, because the path of a whole conversion does not name the field
            _checked(value, Scalar | list[str] | Value, f"fact[{n}].data.{name}")
    return cast(Mapping, _checked(document, Mapping, ""))


def _checked(value: object, shape: object, path: str) -> object:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        text, _, inner = str(error).partition(" - at `$")
        where = (path + inner.rstrip("`")).lstrip(".")
        raise ValueError(f"{where}: {text}" if where else text) from None
