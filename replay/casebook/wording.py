"""A fact as a few words, `violation v1 misleading points=2 ground=minor`, and back.

A word stands for a type of fact; the fields named beside it follow in order, all others as
`field=value`. Values have the form of the interchange (points `1.5`, money `20.00`) and pass the
same door, so a table refuses what an import would; only instants are local.
"""

import re
from itertools import takewhile
from shlex import quote, split
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ledger.facts import types as f
from ledger.facts.cloudevents import from_mapping
from ledger.facts.envelope import Envelope
from ledger.facts.forms import FLAG, INSTANT, write_instant
from ledger.facts.plans import PLANS, Plan
from ledger.rulebook.findings import near
from replay.casebook.instants import when, written


class Word(NamedTuple):
    """How a type of fact is written."""

    type: type[f.Fact]
    fields: tuple[str, ...] = ()
    """Given by place."""
    usual: dict[str, str] = {}  # noqa: RUF012  read only
    """What a required field is where the row does not say it."""


WORDS = {
    "enrolled": Word(f.CreatorEnrolled, ("rulebook",)),
    "profile": Word(f.ProfileChanged),
    "violation": Word(f.ViolationFound, ("violation", "category"), {"detected_by": "other"}),
    "lodged": Word(f.AppealLodged, ("violation",)),
    "granted": Word(f.AppealGranted, ("violation",)),
    "denied": Word(f.AppealDenied, ("violation",)),
    "claimed": Word(f.ExamRightClaimed),
    "revoked": Word(f.ExamRightRevoked, ("ground",)),
    "invited": Word(f.ExamInvited, ("violation",)),
    "studied": Word(f.ExamStudied, ("violation",)),
    "abandoned": Word(f.ExamAbandoned, ("violation",)),
    "sat": Word(f.ExamSat, ("violation", "mark")),
    "rules_exam": Word(f.RulesExamSat, ("mark",)),
    "recovery": Word(f.RecoveryGranted, ("period",)),
    "imposed": Word(f.MeasureImposed, ("measure",), {"ground": "risk"}),
    "lifted": Word(f.MeasureLifted, ("measure",), {"ground": "risk"}),
    "posted": Word(f.MoneyPosted, ("account", "amount", "currency"), {"reason": "posted"}),
    "retracts": Word(f.FactRetracted, ("event",), {"reason": "in error"}),
    "occasion": Word(f.OccasionHeld, ("occasion",)),
    "course": Word(f.CourseTaken, ("course",)),
    "day": Word(f.DayQualified),
    "opened": Word(f.FeatureOpened, ("feature",)),
    "used": Word(f.FeatureUsed, ("feature",)),
}
WORD_OF = {word.type: name for name, word in WORDS.items()}
QUOTED = re.compile(r"[\s'\"\\]")
IN_A_FACT = 'a time in a fact is written "2015-06-01 09:00", in quotes, or 2015-06-01T09:00'


def _word(name: str) -> Word | None:
    """By our word or, for any type, by its stored name; then what it needs follows in order."""
    if name in WORDS or name not in f.TYPE_OF:
        return WORDS.get(name)
    plan = PLANS[name]
    return Word(plan.type, tuple(field for field in plan.fields if field in plan.required))


def word_of(type_: type[f.Fact]) -> str:
    """The word for a type of fact; its stored name where it has none of its own."""
    return WORD_OF.get(type_) or f.TYPE_NAME[type_]


def read_fact(text: str, zone: ZoneInfo, **attributes: str) -> Envelope:
    """The fact that a few words say, let in by the door of an import; `attributes` are the event's.

    Raises ValueError with the field, what was found and what is right.
    """
    name, *rest = _parts(text) or [""]
    word = _word(name)
    if word is None:
        raise ValueError(f'unknown word "{name}"{near(name, [*WORDS, "standing"])}')
    plan = PLANS[f.TYPE_NAME[word.type]]
    try:
        return _let_in(plan, _data(rest, word, plan, zone), attributes)
    except ValueError as error:
        raise ValueError(f"{error}. It is written: {form(name, word, plan)}") from error


def _let_in(plan: Plan, data: dict[str, str], attributes: dict[str, str]) -> Envelope:
    event = {"type": f.TYPE_NAME[plan.type], "data": data, **attributes}
    said = from_mapping(event, file="", line_no=0, trust_recorded_times=True)
    if isinstance(said, Envelope):
        return said
    raise ValueError(
        f"{said.field.removeprefix('data.')}: found {said.found}; wanted {said.wanted}"
    )


def _parts(text: str) -> list[str]:
    try:
        return split(text)
    except ValueError as error:
        raise ValueError(f"found {text!r}; each quote needs its other half") from error


def _data(rest: list[str], word: Word, plan: Plan, zone: ZoneInfo) -> dict[str, str]:
    """{field: text} of what a row says; its instants are no longer local."""
    data: dict[str, str] = {}
    places = list(word.fields)
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals and name in plan.fields and plan.fields[name].form is FLAG:
            value = "true"
        elif not equals and places:
            name, value = places.pop(0), part
        elif not equals:
            raise ValueError(f'found "{part}", one word too many')
        if name in data:
            raise ValueError(f"{name}: found it twice; wanted each field once")
        local = name in plan.fields and plan.fields[name].form is INSTANT
        data[name] = _instant(name, value, zone) if local else value
    return word.usual | data


def _instant(name: str, text: str, zone: ZoneInfo) -> str:
    try:
        return write_instant(when(text, zone))
    except ValueError as error:
        raise ValueError(f"{name}: {error}; {IN_A_FACT}") from error


def form(name: str, word: Word, plan: Plan) -> str:
    """How a fact is written: `sat VIOLATION MARK`."""
    rest = [field for field in plan.fields if field not in word.fields]
    options = [f"[{field}=…]" for field in rest]
    return " ".join([name, *(field.upper() for field in word.fields), *options])


def write_fact(fact: f.Fact, zone: ZoneInfo) -> str:
    """The words for a fact: what `read_fact` reads."""
    name = word_of(type(fact))
    word = _word(name)
    assert word is not None
    plan = PLANS[f.TYPE_NAME[type(fact)]]
    texts = {field: _text(fact, field, plan, zone) for field in plan.fields}
    placed = list(takewhile(lambda field: _placeable(texts[field], plan), word.fields))
    said = [name, *(_quoted(texts[field]) for field in placed)]
    for field, text in texts.items():
        if text and field not in placed and word.usual.get(field) != text:
            flag = plan.fields[field].form is FLAG and text == "true"
            said.append(field if flag else f"{field}={_quoted(text)}")
    return " ".join(said)


def _quoted(text: str) -> str:
    return quote(text) if QUOTED.search(text) else text


def _placeable(text: str, plan: Plan) -> bool:
    return text != "" and "=" not in text and text not in plan.fields


def _text(fact: f.Fact, name: str, plan: Plan, zone: ZoneInfo) -> str:
    value, field = getattr(fact, name), plan.fields[name]
    if value == field.default:
        return ""
    if field.form is INSTANT:
        return written(value, zone).replace(" ", "T")
    out = field.form.write(value, fact)
    if isinstance(out, bool):
        return "true" if out else "false"
    return ",".join(out) if isinstance(out, list) else str(out)
