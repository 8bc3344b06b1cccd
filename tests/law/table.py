"""Cases as text: one fact a row, what it came to in the last columns.

    ## C-067 an exam leaves the violation's own measures
    start 2024-07-10 08:00
    2024-07-10 09:00 | violation v1 misleading | -3 → 7     | starts 8 product_sharing …
    2024-07-10 15:00 | sat v1 100              | +1.5 → 8.5 | takes quota misleading
    2024-07-11 00:00 | standing                | 8.5        | nothing runs; v1 restored 1.5 of 3

`start` is an enrolled creator of level 4 and reputation 4.61 with the right to exams. Row n has the
id `en` (`start` has none), unless it says `name: fact`. `(recorded …)` after the instant says when
the ledger learned it; else it was recorded at its instant. The third column is the change, `of` the
nominal one where it differs, and the score after; then the reason. The fourth column lists all
effects. A `standing` row is no fact: its statements, separated by `;`, hold at that instant.
Other lines before the rows: `rulebook NAME`, `simulate` (recoveries as they fall due).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

from msgspec import Struct

from law.reading import when
from ledger import facts as f
from ledger.envelope import Envelope

CASES = Path(__file__).parent / "cases"


class Row(Struct):
    line: int
    envelope: Envelope | None
    """None for a standing."""
    at: int
    known_at: int | None
    outcome: str
    effects: str


class Case(Struct):
    name: str
    file: str
    simulate: bool
    facts: list[Envelope]
    rows: list[Row]


@cache
def cases() -> dict[str, Case]:
    """Every case by its name."""
    found: dict[str, Case] = {}
    for file in sorted(CASES.glob("*.txt")):
        for case in _read(file):
            assert case.name not in found, f"{file.name}: two cases are named {case.name!r}"
            found[case.name] = case
    return found


def _read(file: Path) -> Iterator[Case]:
    case, book = None, None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text.startswith("## "):
            if case:
                yield case
            case, book = Case(text[3:], file.name, False, [], []), None
        elif not text or text.startswith("#"):
            continue
        elif case is None:
            raise ValueError(f"{file.name}:{number}: a row before the first case")
        elif text == "simulate":
            case.simulate = True
        elif text.startswith("rulebook "):
            book = text.removeprefix("rulebook ")
        elif text.startswith("start "):
            at = when(text.removeprefix("start "))
            _start(case, at, book)
        else:
            try:
                _row(case, number, text)
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise ValueError(f"{file.name}:{number}: {line}: {error}") from error
    if case:
        yield case


def _start(case: Case, at: int, book: str | None) -> None:
    for fact in (f.CreatorEnrolled(book, 4, 461), f.ExamRightClaimed()):
        position = len(case.facts) + 1
        case.facts.append(Envelope("s", f"start{position}", "c", at, fact, at, position))


def _row(case: Case, number: int, text: str) -> None:
    columns = [c.strip() for c in text.split("|")]
    columns += [""] * (4 - len(columns))
    if len(columns) != 4:
        raise ValueError("four columns are needed")
    instant, what, outcome, effects = columns
    match = re.fullmatch(r"(.+?)(?: \((?:recorded|known) (.+)\))?", instant)
    assert match
    at = when(match[1])
    other = when(match[2]) if match[2] else None
    if what == "standing":
        case.rows.append(Row(number, None, at, other, outcome, effects))
        return
    label = re.match(r"(\w+): ", what)
    words = what[label.end() if label else 0 :].split()
    name = label[1] if label else f"e{sum(r.envelope is not None for r in case.rows) + 1}"
    options = dict(w.split("=", 1) for w in words if "=" in w)
    plain = [w for w in words[1:] if "=" not in w]
    recorded = at if other is None else other
    fact = FACTS[words[0]](*plain, **options)
    envelope = Envelope("s", name, "c", at, fact, recorded, len(case.facts) + 1)
    case.facts.append(envelope)
    case.rows.append(Row(number, envelope, at, None, outcome, effects))


def hundredths(text: str | None) -> int | None:
    return None if text is None else int(Decimal(text) * 100)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _violation(violation, category, breach=None, points=None, ground=None, by="other",
               measures="", batch=None):  # fmt: skip
    return f.ViolationFound(
        violation=violation,
        category=category,
        detected_by=by,
        points=hundredths(points),
        ground=ground or (None if points is None else "unstated"),
        law_breach=breach == "breach",
        measures=tuple(measures.split(",")) if measures else (),
        batch=batch,
    )


FACTS = {
    "enrolled": lambda book=None, level=None, reputation=None: f.CreatorEnrolled(
        book, _number(level), hundredths(reputation)
    ),
    "profile": lambda level=None, reputation=None: f.ProfileChanged(
        _number(level), hundredths(reputation)
    ),
    "violation": _violation,
    "lodged": f.AppealLodged,
    "granted": lambda violation, points=None: f.AppealGranted(violation, hundredths(points)),
    "denied": f.AppealDenied,
    "claimed": f.ExamRightClaimed,
    "revoked": f.ExamRightRevoked,
    "invited": f.ExamInvited,
    "studied": f.ExamStudied,
    "abandoned": f.ExamAbandoned,
    "sat": lambda violation, mark: f.ExamSat(violation, hundredths(mark)),
    "rules_exam": lambda mark: f.RulesExamSat(hundredths(mark)),
    "recovery": lambda period, points=None: f.RecoveryGranted(period, hundredths(points)),
    "imposed": lambda measure, until=None, ground="risk": f.MeasureImposed(
        measure, ground, when(until.replace("T", " ")) if until else None
    ),
    "lifted": lambda measure, ground="risk": f.MeasureLifted(measure, ground),
    "posted": lambda account, amount, violation=None: f.MoneyPosted(
        account, int(amount), "CNY", "paid", violation
    ),
    "retracts": lambda event: f.FactRetracted(event, "in error"),
    "occasion": f.OccasionHeld,
}
