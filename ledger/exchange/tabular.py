"""CSV → envelopes through a mapping file, one row at a time.

The mapping is compiled once against the table's header: each field of each fact becomes a small
function from a row's cells to a value, each condition a look-up. What comes out is a CloudEvents
object like a line of JSONL and passes the same door (`cloudevents.from_mapping`), so a table
can bring in nothing that JSONL could not. A cell that is wrong refuses its fact, never the file.
"""

import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from ledger.errors import InputError
from ledger.exchange.cells import BadCell, Cells, Make, instant_maker, shown, value_maker
from ledger.exchange.csv_rows import csv_rows
from ledger.exchange.mapping import Conditions, Mapping, Row
from ledger.facts.cloudevents import Refusal, from_mapping
from ledger.facts.envelope import Envelope

ANY_OTHER = "\0"
"""Stands for every cell value that no condition mentions."""
GZIP = b"\x1f\x8b"
ENCODINGS = ("utf-8-sig", "gb18030", "utf-16", "big5", "shift_jis", "euc_kr", "cp1252")
"""Those that tables of the field come in, the likeliest first."""


@dataclass(slots=True)
class RowResult:
    """What one row gave: its first line in the file, its text, its facts and refusals.

    A row that gives neither says why it is skipped.
    """

    line: int
    raw: str
    facts: list[Envelope]
    refusals: list[Refusal]
    skipped: str = ""


@dataclass(slots=True)
class FactPlan:
    """One `[[fact]]`, compiled: how each part of the CloudEvents object is made."""

    index: int
    type: str
    once: Make | None
    envelope: list[tuple[str, Make]]
    data: list[tuple[str, Make]]
    columns: dict[str, str]
    """Field → the columns it is made of, for refusals."""


@dataclass(slots=True)
class Table:
    """A mapping compiled against one header."""

    mapping: Mapping
    header: list[str]
    file: str = "-"
    trust_recorded_times: bool = False
    header_text: str = ""
    """The header as it stands in the file."""
    ignored_recorded_times: int = 0
    plans: list[FactPlan] = field(init=False)
    _watched: list[tuple[int, frozenset[str]]] = field(init=False)
    _choices: dict[tuple[str, ...], str | list[FactPlan]] = field(default_factory=dict)
    _seen: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        repeated = [name for name, times in Counter(self.header).items() if times > 1]
        if repeated:
            raise InputError(f"{self.file}: line 1: column {repeated[0]!r} is there twice")
        self.plans = [self._plan(n, row) for n, row in enumerate(self.mapping.fact)]
        self._watched = self._conditions()

    def read(self, rows: Iterable[tuple[int, str, Cells | Refusal]]) -> Iterator[RowResult]:
        """What each row gives, in order."""
        for line, raw, cells in rows:
            if isinstance(cells, Refusal):
                yield RowResult(line, raw, [], [cells])
            elif len(cells) != len(self.header):
                wanted = f"{len(self.header)} cells, as in the header"
                yield RowResult(line, raw, [], [self._refuse(line, "", str(len(cells)), wanted)])
            else:
                result = RowResult(line, raw, [], [])
                self._row(cells, result)
                yield result

    def _row(self, cells: Cells, result: RowResult) -> None:
        plans = self._choose(cells)
        if isinstance(plans, str):
            result.skipped = plans
            return
        if not plans:
            found = ", ".join(f"{self.header[i]}={cells[i]!r}" for i, _ in self._watched)
            wanted = "a row that some [[fact]] or [[skip]] of the mapping takes"
            result.refusals.append(self._refuse(result.line, "", found, wanted))
        for plan in plans:
            try:
                made = self._fact(plan, cells, result.line)
            except BadCell as bad:
                made = self._refuse(result.line, bad.columns, bad.found, bad.wanted)
            if isinstance(made, Envelope):
                result.facts.append(made)
            elif made is not None:
                result.refusals.append(made)
        if plans and not result.facts and not result.refusals:
            result.skipped = (
                f"once_per {self.mapping.fact[plans[0].index].once_per!r}, given before"
            )

    def _fact(self, plan: FactPlan, cells: Cells, line: int) -> Envelope | Refusal | None:
        once = (plan.index, str(plan.once(cells))) if plan.once else None
        if once in self._seen:
            return None
        data = {name: v for name, make in plan.data if (v := make(cells)) is not None}
        thing: dict[str, object] = {"specversion": "1.0", "type": plan.type, "data": data}
        for name, make in plan.envelope:
            if (value := make(cells)) is not None:
                thing[name] = value
        made = from_mapping(
            thing,
            file=self.file,
            line_no=line,
            trust_recorded_times=self.trust_recorded_times,
        )
        if isinstance(made, Refusal):
            columns = plan.columns.get(made.field.removeprefix("data."))
            if columns:
                where = f"{made.field} (column {columns})"
                made = Refusal(made.file, made.line, where, made.found, made.wanted)
            return made
        if once:
            self._seen.add(once)
        if "recordedtime" in thing and not self.trust_recorded_times:
            self.ignored_recorded_times += 1
        return made

    def _choose(self, cells: Cells) -> str | list[FactPlan]:
        """The facts that a row gives, or why it gives none. Rows alike are decided once."""
        key = tuple([v if (v := cells[i]) in known else ANY_OTHER for i, known in self._watched])
        choice = self._choices.get(key)
        if choice is None:
            choice = self._choices[key] = self._decide(key)
        return choice

    def _decide(self, key: tuple[str, ...]) -> str | list[FactPlan]:
        cell = {self.header[i]: v for (i, _), v in zip(self._watched, key, strict=True)}
        for skip in self.mapping.skip:
            if _holds(skip.when, cell) and not (skip.unless and _holds(skip.unless, cell)):
                return skip.why
        given = [
            plan
            for plan, row in zip(self.plans, self.mapping.fact, strict=True)
            if _holds(row.when, cell) and not (row.unless and _holds(row.unless, cell))
        ]
        return given if self._takes(given) else []

    def _takes(self, given: list[FactPlan]) -> bool:
        """Whether one of the facts is the row's own.

        One that a creator has once, whatever the row, stands beside those of rows and takes none.
        """
        own = [not row.once_per or bool(row.when) for row in self.mapping.fact]
        return any(own[plan.index] for plan in given) or not any(own)

    def _conditions(self) -> list[tuple[int, frozenset[str]]]:
        values: dict[int, set[str]] = {}
        for kind, rows in (("fact", self.mapping.fact), ("skip", self.mapping.skip)):
            for n, row in enumerate(cast(list[Row], rows)):
                for name in ("when", "unless"):
                    for column, wanted in getattr(row, name).items():
                        index = self._column(column, f"{kind}[{n}].{name}")
                        values.setdefault(index, set()).update(_listed(wanted))
        return [(index, frozenset(known)) for index, known in values.items()]

    def _plan(self, n: int, row: Row) -> FactPlan:
        where, columns = f"fact[{n}]", {}
        envelope, data = [], []
        for name in ("id", "source", "subject", "time", "recordedtime"):
            given = getattr(row, name)
            own = given is not None
            given = given if own else getattr(self.mapping.every, name)
            if given is not None:
                path = f"{where}.{name}" if own else f"every.{name}"
                maker = instant_maker if name in ("time", "recordedtime") else value_maker
                make, columns[name] = self._compile(maker, given, path)
                envelope.append((name, make))
        for name, spec in row.data.items():
            make, columns[name] = self._compile(value_maker, spec, f"{where}.data.{name}")
            data.append((name, make))
        once = None
        if row.once_per is not None:
            once, _ = self._compile(value_maker, row.once_per, f"{where}.once_per")
        return FactPlan(n, row.type, once, envelope, data, columns)

    def _compile(
        self, maker: Callable[..., tuple[Make, list[str]]], spec: object, path: str
    ) -> tuple[Make, str]:
        try:
            make, columns = maker(spec, self.header)
        except ValueError as error:
            raise InputError(f"mapping {self.mapping.name}: {path}: {error}") from None
        return make, ", ".join(columns)

    def _column(self, name: str, path: str) -> int:
        if name not in self.header:
            raise InputError(
                f"mapping {self.mapping.name}: {path}: {self.file} has no column {name!r}; "
                f"it has {shown(self.header)}"
            )
        return self.header.index(name)

    def _refuse(self, line: int, columns: str, found: str, wanted: str) -> Refusal:
        where = f"column {columns}" if columns else "row"
        return Refusal(self.file, line, where, found, wanted)


def open_table(
    stream: io.BufferedReader, file: str, mapping: Mapping, trust_recorded_times: bool = False
) -> tuple[Table, Iterator[RowResult]]:
    """A CSV stream (gzip or not) as the facts of its rows. Reads the header at once."""
    packed = stream.peek(2)[:2] == GZIP
    plain = gzip.GzipFile(fileobj=stream) if packed else stream
    text = io.TextIOWrapper(
        cast(io.BufferedReader, plain), mapping.csv.encoding, "surrogateescape", newline=""
    )
    rows = csv_rows(text, file, mapping.csv)
    for _, raw, header in rows:
        if isinstance(header, Refusal):
            hint = _other_encoding(raw, mapping)
            raise InputError(f"{file}: line 1: the header is {header.found}: {raw[:80]!r}{hint}")
        try:
            table = Table(mapping, header, file, trust_recorded_times, raw)
        except InputError as error:
            raise InputError(f"{error}{_other_encoding(raw, mapping)}") from None
        return table, table.read(rows)
    raise InputError(f"{file}: empty; a header with the columns' names is needed")


def _other_encoding(header: str, mapping: Mapping) -> str:
    """A header that holds what the mapping asks for in another encoding: a hint, never a guess."""
    raw = mapping.csv.bytes_of(header)
    if raw.isascii() and b"\0" not in raw:
        return ""
    raw = raw.rstrip(b"\0\r\n")
    raw += b"\0" * (len(raw) % 2)  # the half of a letter, in UTF-16
    for encoding in ENCODINGS:
        with suppress(ValueError):  # of a template too, which is told where it is compiled
            cells = raw.decode(encoding).strip("\ufeff\0").split(mapping.csv.delimiter)
            if mapping.columns() <= {cell.strip(mapping.csv.quote) for cell in cells}:
                return f'; as {encoding} it has the columns: set encoding = "{encoding}" in [csv]'
    return "; is its encoding another? [csv] encoding of the mapping names it"


def _holds(conditions: Conditions, cell: dict[str, str]) -> bool:
    return all(cell[column] in _listed(wanted) for column, wanted in conditions.items())


def _listed(wanted: list[str] | str) -> list[str]:
    return [wanted] if isinstance(wanted, str) else wanted
