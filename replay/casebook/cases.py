"""Tables of cases: one fact a row, what it came to in the last columns.

    ## C-067 an exam leaves the violation's own measures
    start 2024-07-10 08:00
    2024-07-10 09:00 | violation v1 misleading | -3 → 7     | starts 8 product_sharing …
    2024-07-10 15:00 | sat v1 100              | +1.5 → 8.5 | takes quota misleading
    2024-07-11 00:00 | standing                | 8.5        | nothing runs; v1 restored 1.5 of 3

`docs/rulebooks.md` describes the form. A table is read whole: every malformed row is a finding.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import zip_longest
from math import inf
from typing import Self
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import InputError, RulebookError
from ledger.facts.envelope import Envelope
from ledger.facts.forms import write_instant
from ledger.facts.types import CreatorEnrolled
from ledger.rulebook.findings import SHOWN, BrokenRulebookError, Finding
from ledger.text import safe
from replay.casebook.instants import when
from replay.casebook.wording import read_fact

COLUMNS = 4
INSTANT = 128
"""Characters that the first column may have; each of them may begin a second time."""
SOURCE, CREATOR = "case", "c"
START = ("enrolled level=4 reputation=4.61", "claimed")
"""The facts of a `start` line."""
_INSTANT = re.compile(r"(.+?)(?: \((recorded|known) (.+)\))?")
_RULEBOOK = re.compile(r"([^@]+)(?:@[^@]+)?")
_LABEL = re.compile(r"([\w.-]+): +")
_LINES = "a name (## …), start TIME, rulebook NAME, simulate, or a row: time | fact | outcome"
_ROW = "time | fact | outcome | effects"


class BrokenCasesError(InputError):
    """A table of cases that can't be read; the first few findings, one a line."""

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = [finding.sentence(file) for finding in findings[:SHOWN]]
        if len(findings) > SHOWN:
            lines.append(f"{file}: and {len(findings) - SHOWN} more")
        super().__init__("\n".join(map(safe, "\n".join(lines).split("\n"))))


class Row(Struct):
    """One line of a case. What a row does not say (None) is not asked."""

    line: int
    what: str
    envelope: Envelope | None
    """None for a standing."""
    at: int
    known_at: int | None
    outcome: str | None
    effects: str | None


class Case(Struct):
    """A history, and what each of its facts comes to."""

    name: str
    file: str
    line: int
    rulebooks: tuple[str, ...]
    """NAME, its versions by their dates, or NAME@VERSION, that one alone; run under each."""
    zone: ZoneInfo
    simulate: bool = False
    facts: list[Envelope] = []
    rows: list[Row] = []
    names: set[str] = set()
    """Of its facts, so that none is given twice."""
    begins: int = 0
    """How many of its facts are those of `start`."""

    @property
    def last(self) -> int:
        """The latest instant of a row."""
        return max(row.at for row in self.rows)

    @property
    def begun(self) -> Self:
        """The case before its first row."""
        told = {row.envelope.id for row in self.rows if row.envelope is not None}
        return replace(self, facts=[fact for fact in self.facts if fact.id not in told])


def parse(
    text: str,
    file: str,
    rulebooks: tuple[str, ...],
    zone_of: Callable[[str], ZoneInfo],
    *,
    blank: bool = False,
) -> list[Case]:
    """The cases of a table. `rulebooks` rule where a case names none.

    `zone_of` gives the zone of a rulebook, whose clocks the times are on; `blank` takes cases
    that say no outcome at all. Raises `BrokenCasesError` with every line that can't be read, and
    `RulebookError` where a rulebook itself is wrong or the table's own is not there.
    """
    reader = _Reader(file, rulebooks, zone_of)
    for number, line in enumerate(text.splitlines(), 1):
        try:
            reader.line(number, line.strip())
        except BrokenRulebookError:
            raise
        except (ValueError, RulebookError) as error:
            reader.findings.append(Finding("", str(error), number))
    reader.close(blank=blank)
    if reader.findings:
        findings = sorted(reader.findings, key=lambda finding: finding.line)
        raise BrokenCasesError(file, findings)
    return reader.cases


class _Reader:
    """The cases so far; the last one is still being read."""

    def __init__(
        self, file: str, rulebooks: tuple[str, ...], zone_of: Callable[[str], ZoneInfo]
    ) -> None:
        self.file, self.rulebooks, self.zone_of = file, rulebooks, zone_of
        try:
            self.zone = zone_of(rulebooks[0])
        except BrokenRulebookError:
            raise
        except RulebookError as error:
            raise RulebookError(f"{file}: {error}") from error
        self.cases: list[Case] = []
        self.named: dict[str, Case] = {}
        self.findings: list[Finding] = []

    def line(self, number: int, text: str) -> None:
        if text.startswith("##"):
            self._name(number, text)
        elif text and not text.startswith("#"):
            if not self.cases:
                raise ValueError(f"found {_short(text)} before the first case; name it: ## …")
            self._content(self.cases[-1], number, text)

    def close(self, *, blank: bool) -> None:
        """A table or a case that asks for nothing is a finding too."""
        found = sorted({finding.line for finding in self.findings})
        if not self.cases and not found:
            self.findings.append(Finding("", f"no case; a case is a name (## …) and rows: {_ROW}"))
        for case, following in zip_longest(self.cases, self.cases[1:]):
            end = following.line if following else inf
            asks = any(blank or row.outcome or row.effects is not None for row in case.rows)
            told = bisect_left(found, case.line) < bisect_left(found, end)
            if not asks and not told:
                what = "says no outcome" if case.rows else "has no row"
                said = f'the case "{case.name}" {what}; a row is: {_ROW}'
                self.findings.append(Finding("", said, case.line))

    def _name(self, number: int, text: str) -> None:
        name = text[2:].strip()
        case = Case(name, self.file, number, self.rulebooks, self.zone)
        other = self.named.get(name)
        self.named.setdefault(name, case)
        self.cases.append(case)
        if not text.startswith("## "):
            raise ValueError(f"found {_short(text)}; a name is needed: ## …")
        if other is not None:
            said = f'two cases are named "{name}", the other on line {other.line}; rename one'
            raise ValueError(said)

    def _content(self, case: Case, number: int, text: str) -> None:
        word, _, rest = text.partition(" ")
        if text == "simulate":
            case.simulate = True
        elif word == "rulebook" and "|" not in text:
            if case.facts or case.rows or case.rulebooks is not self.rulebooks:
                raise ValueError("rulebook stands before start and before the rows, and once")
            case.rulebooks = tuple(rest.split())
            labels = map(_RULEBOOK.fullmatch, case.rulebooks)
            if len(names := {label and label[1] for label in labels}) != 1 or None in names:
                raise ValueError(f"found {_short(text)}; versions of one rulebook are needed")
            case.zone = self.zone_of(case.rulebooks[0])
        elif word == "start" and "|" not in text:
            if case.facts or case.rows:
                raise ValueError("start stands before the rows, and once")
            at = when(rest.strip(), case.zone)
            for n, what in enumerate(START, 1):
                case.facts.append(_envelope(case, f"start{n}: {what}", at, at))
            case.begins = len(case.facts)
        elif "|" in text:
            _row(case, number, text)
            told = case.rows[-1].envelope
            if told is not None and isinstance(told.fact, CreatorEnrolled):
                self.zone_of(str(told.fact.rulebook))  # refuses one that is not there
        else:
            raise ValueError(f"found {_short(text)}; wanted is {_LINES}")


def _row(case: Case, number: int, text: str) -> None:
    columns: list[str | None] = [column.strip() for column in text.split("|")]
    if len(columns) > COLUMNS:
        said = f"found {len(columns)} columns; {_ROW} are all there are"
        raise ValueError(said)
    columns += [None] * (COLUMNS - len(columns))
    instant, what, outcome, effects = columns
    effects = effects and effects.replace("while below", "while triggered")  # as it was once said
    match = _INSTANT.fullmatch((instant or "")[: INSTANT + 1])
    if match is None or not what or len(instant or "") > INSTANT:
        raise ValueError(f"found {_short(text)}; a row is: {_ROW}")
    at = when(match[1], case.zone)
    standing = what.split()[0] == "standing"
    if standing and what != "standing":
        said = f"found {_short(what)}; a standing is: time | standing | score | statements"
        raise ValueError(said)
    if match[2] and (match[2] == "known") != standing:
        said = f'found "({match[2]} …)"; a fact is (recorded TIME), a standing (known TIME)'
        raise ValueError(said)
    other = when(match[3], case.zone) if match[3] else None
    if standing:
        effects = effects if effects and effects.strip("; ") else None  # no statement asks nothing
        case.rows.append(Row(number, what, None, at, other, outcome or None, effects))
        return
    envelope = _envelope(case, what, at, at if other is None else other)
    case.facts.append(envelope)
    case.rows.append(Row(number, what, envelope, at, None, outcome or None, effects))


def _envelope(case: Case, what: str, at: int, recorded: int) -> Envelope:
    label = _LABEL.match(what)
    name = label[1] if label else f"e{len(case.facts) - case.begins + 1}"
    envelope = read_fact(
        what[label.end() if label else 0 :],
        case.zone,
        source=SOURCE,
        id=name,
        subject=CREATOR,
        time=write_instant(at),
        recordedtime=write_instant(recorded),
    )
    if name in case.names:
        raise ValueError(f'two facts are named "{name}"; rename one')
    case.names.add(name)
    fact = envelope.fact
    if isinstance(fact, CreatorEnrolled) and fact.rulebook is None:
        fact = replace(fact, rulebook=case.rulebooks[0].partition("@")[0])
    return replace(envelope, fact=fact, position=len(case.facts) + 1)


def _short(text: str) -> str:
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'
