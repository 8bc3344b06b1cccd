"""CloudEvents 1.0, structured JSON, one fact a line: the form in which facts come and go.

`parse` returns an Envelope, or a Refusal: a value that names file, line, field, what was found and
what would be right, so that an import can set a bad line aside and go on. `from_mapping` is the
same door for rows of a table, whose values are all strings. `encode` is the way out.
"""

import json
import re
from difflib import get_close_matches
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.facts.envelope import Envelope
from ledger.facts.forms import Wrong, read_id, read_instant, show, write_instant
from ledger.facts.jsonline import keys_are_distinct, read_object, refuse_size
from ledger.facts.plans import PLANS, Plan
from ledger.facts.types import TYPE_NAME, Fact

ATTRIBUTES_LIMIT = 1024
ENVELOPE = ("specversion", "type", "source", "id", "subject", "time", "recordedtime", "data")


class Refusal(Struct, frozen=True):
    """Why a line is not a fact. `str()` is the sentence for the person who can mend it."""

    file: str
    line: int
    field: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return (
            f"{self.file}, line {self.line}, {self.field}: found {self.found}; wanted {self.wanted}"
        )


class _Event(Struct, forbid_unknown_fields=True, gc=False):
    """A fact as most lines have it: no other attributes, all there, nothing to explain."""

    specversion: Literal["1.0"]
    type: str
    source: str
    id: str
    subject: str
    time: str
    data: dict[str, Any] | None = None


_decode_event = msgspec.json.Decoder(_Event).decode
_encode = msgspec.json.Encoder().encode


def parse(
    line: bytes | str, *, file: str, line_no: int, trust_recorded_times: bool = False
) -> Envelope | Refusal:
    """One line of JSONL. `recordedtime` is read with `trust_recorded_times` only, else ignored."""
    raw = line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass")
    usual = _usual(raw)
    if usual is not None:
        return usual
    try:
        return _read(read_object(raw), trust_recorded_times)
    except Wrong as wrong:
        return Refusal(file, line_no, wrong.field, wrong.found, wrong.wanted)


def from_mapping(
    record: dict[str, Any], *, file: str, line_no: int, trust_recorded_times: bool = False
) -> Envelope | Refusal:
    """A fact as a mapping of CloudEvents attributes and `data`, whose values may all be strings.

    Flags may be `true` or `false`, lists may be words separated by spaces, commas or bars.
    """
    try:
        refuse_size(_size(record))
        plan = PLANS.get(str(record.get("type")))
        data = record.get("data")
        if plan and isinstance(data, dict) and not plan.from_text.keys().isdisjoint(data):
            read = {name: _from_text(plan, name, value) for name, value in data.items()}
            record = {**record, "data": read}
        if "specversion" not in record:
            record = {"specversion": "1.0", **record}
        return _read(record, trust_recorded_times)
    except Wrong as wrong:
        return Refusal(file, line_no, wrong.field, wrong.found, wrong.wanted)


def _size(record: dict[str, Any]) -> int:
    """Bytes of a record as a line."""
    try:
        return len(_encode(record))
    except (TypeError, ValueError, RecursionError):  # what no JSON holds is refused where it stands
        return len(json.dumps(record, default=str))


def encode(envelope: Envelope) -> str:
    """One line of JSONL, without its line end; `recordedtime` where the fact is recorded."""
    return _encode(to_dict(envelope)).decode()


def to_dict(envelope: Envelope) -> dict[str, Any]:
    """The CloudEvent as a mapping, in the order in which it is written."""
    fact = envelope.fact
    name = TYPE_NAME[type(fact)]
    event: dict[str, Any] = {
        "specversion": "1.0",
        "type": name,
        "source": envelope.source,
        "id": envelope.id,
        "subject": envelope.subject,
        "time": write_instant(envelope.effective_at),
    }
    if envelope.recorded_at:
        event["recordedtime"] = write_instant(envelope.recorded_at)
    event |= envelope.attributes or {}
    if data := data_of(fact):
        event["data"] = data
    return event


def data_of(fact: Fact) -> dict[str, Any]:
    """The payload of a fact as it is written, without what it leaves out."""
    data = {}
    for field, (form, _, default) in PLANS[TYPE_NAME[type(fact)]].fields.items():
        value = getattr(fact, field)
        if value != default:
            data[field] = form.write(value, fact)
    return data


def differences(one: Envelope, other: Envelope) -> dict[str, tuple[str, str]]:
    """{field: what each of two facts has there}, of type, subject, time and data, as shown.

    Facts of two types share no data to compare.
    """
    first, second = to_dict(one), to_dict(other)
    names = ["type", "subject", "time"]
    if first["type"] == second["type"]:
        for event in (first, second):
            event |= {f"data.{name}": value for name, value in event.pop("data", {}).items()}
        names += sorted({name for name in (*first, *second) if name.startswith("data.")})
    sides = {name: (first.get(name), second.get(name)) for name in names}
    return {name: (_shown(a), _shown(b)) for name, (a, b) in sides.items() if a != b}


def _shown(value: object) -> str:
    return "nothing" if value is None else show(value)


def _usual(raw: bytes) -> Envelope | None:
    """The short way for the usual line; None for any other, which the careful way judges."""
    try:
        event = _decode_event(raw)
        if not keys_are_distinct(raw, 6 if event.data is None else 7 + len(event.data)):
            return None
        at = read_instant(event.time, {})
        return Envelope(
            read_id(event.source, {}),
            read_id(event.id, {}),
            read_id(event.subject, {}),
            at,
            _fact(PLANS[event.type], event.data, at),
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, Wrong):
        return None


def _read(record: dict[str, Any], trust: bool) -> Envelope:
    if record.get("specversion") != "1.0":
        raise _wrong_in(record, "specversion", '"1.0"')
    kind = record.get("type")
    plan = PLANS.get(kind) if type(kind) is str else None
    if plan is None:
        raise _wrong_in(record, "type", _nearest(kind, PLANS))
    name = "source"
    try:
        source = read_id(record[name], record)
        name = "id"
        id_ = read_id(record[name], record)
        name = "subject"
        subject = read_id(record[name], record)
        name = "time"
        effective_at = read_instant(record[name], record)
        name, recorded_at = "recordedtime", 0
        if trust and name in record:
            recorded_at = read_instant(record[name], record)
    except KeyError as missing:
        raise _missing(name, record) from missing
    except Wrong as wrong:
        if record[name] is None:
            raise _missing(name, record) from wrong
        wrong.field, wrong.found = name, wrong.found or show(record[name])
        raise
    fact = _fact(plan, record.get("data"), effective_at)
    known = 6 + ("data" in record) + ("recordedtime" in record)
    attributes = _attributes(record) if len(record) > known else None
    return Envelope(source, id_, subject, effective_at, fact, recorded_at, attributes=attributes)


def _missing(name: str, record: dict[str, Any]) -> Wrong:
    return _wrong_in(record, name, "it: every fact has one" + _meant(name, record, ENVELOPE))


def _fact(plan: Plan, data: Any, at: int) -> Any:
    if data is None:
        data = {}
    elif type(data) is not dict:
        raise Wrong("a JSON object", field="data", found=show(data))
    values = {}
    readers = plan.readers
    for name, value in data.items():
        read = readers.get(name)
        if read is None:
            raise Wrong(_nearest(name, plan.fields), field=f"data.{_safe(name)}", found="the field")
        if value is None:
            continue
        try:
            values[name] = read(value, data)
        except Wrong as wrong:
            wrong.field = f"data.{wrong.field or name}"
            wrong.found = wrong.found or show(value)
            raise
    if not plan.required <= values.keys():
        name = next(name for name in plan.fields if name in plan.required - values.keys())
        raise Wrong("it: this type needs one", field=f"data.{name}", found="nothing")
    for name, other in plan.needs.items():
        if name in values and other not in values:
            raise Wrong(f"a {other} beside {name}", field=f"data.{other}", found="nothing")
    for name in plan.later:
        if name in values and values[name] <= at:
            wanted = f"a time later than the fact's own; without {name} it has no end"
            raise Wrong(wanted, field=f"data.{name}", found=show(data[name]))
    return plan.type(**values)


def _attributes(record: dict[str, Any]) -> dict[str, str | int | bool] | None:
    """What else the event carries, kept as it is."""
    extra = {k: v for k, v in record.items() if k not in ENVELOPE and v is not None}
    for name, value in extra.items():
        if not re.fullmatch("[a-z0-9]{1,64}", name):
            raise Wrong(_nearest(name, ENVELOPE), field=_safe(name), found="the attribute")
        if type(value) not in {str, int, bool}:
            raise Wrong("a string, an integer or true or false", field=name, found=show(value))
        if type(value) is int and abs(value) >= 2**31:
            raise Wrong("an integer of 32 bits", field=name, found=show(value))
    size = len(_encode(extra)) if extra else 0
    if size > ATTRIBUTES_LIMIT:
        found = f"{size} bytes in {', '.join(sorted(extra)[:5])}"
        raise Wrong("at most 1 KiB of other attributes", field="attributes", found=found)
    return extra or None


def _from_text(plan: Plan, name: str, value: Any) -> Any:
    kind = plan.from_text.get(name)
    if kind is None or not isinstance(value, str):
        return value
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    return [word for word in re.split(r"[\s,|;]+", value) if word]


def _wrong_in(record: dict[str, Any], name: str, wanted: str) -> Wrong:
    return Wrong(wanted, field=name, found=_shown(record.get(name)))


def _safe(name: str) -> str:
    return show(name)[1:-1]


def _nearest(name: Any, known: Any) -> str:
    near = get_close_matches(str(name)[:100], known, 3, 0.6)
    return " or ".join(near) if near else "one of " + " ".join(sorted(known))


def _meant(name: str, record: dict[str, Any], known: Any) -> str:
    near = get_close_matches(name, [k for k in record if k not in known], 1)
    return f" (is {show(near[0])} meant?)" if near else ""
