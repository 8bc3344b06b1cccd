"""Envelopes of every type, made from the types' own annotations."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Meta

from ledger.facts.currencies import DECIMALS
from ledger.facts.envelope import Envelope
from ledger.facts.forms import END_OF_TIME, read_id
from ledger.facts.plans import PLANS
from ledger.facts.types import FACT_TYPES, TYPE_NAME, Fact

WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,63}", fullmatch=True)


def is_id(text: str) -> bool:
    try:
        read_id(text, {})
    except ValueError:
        return False
    return True


IDS = st.one_of(
    st.from_regex(r"[!-~]{1,128}", fullmatch=True),
    st.text(min_size=1, max_size=40).filter(is_id),
)
INSTANTS = st.integers(0, END_OF_TIME - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
PERIODS = st.one_of(
    st.dates().filter(lambda d: d.year >= 1970).map(lambda d: d.isoformat()),
    st.dates().filter(lambda d: d.year >= 1970).map(lambda d: d.isoformat()[:7]),
)
BY_FORM: dict[str, st.SearchStrategy[Any]] = {
    "id": IDS,
    "word": WORDS,
    "rulebook": st.from_regex(r"[a-z][a-z0-9-]{0,63}", fullmatch=True),
    "version": st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}", fullmatch=True),
    "territory": st.from_regex(r"[A-Z]{2}|[0-9]{3}", fullmatch=True),
    "hash": st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    "text": TEXTS,
    "currency": st.sampled_from(sorted(DECIMALS)),
    "minor_units": st.integers(-(10**15), 10**15),
    "instant": INSTANTS,
    "period": PERIODS,
}


def of(annotation: Any) -> st.SearchStrategy[Any]:
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        (inner,) = (a for a in get_args(annotation) if a is not NoneType)
        return st.none() | of(inner)
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is tuple:
        return st.lists(of(get_args(annotation)[0]), max_size=3).map(tuple)
    if annotation is bool:
        return st.booleans()
    assert origin is Annotated
    meta = next(m for m in annotation.__metadata__ if isinstance(m, Meta))
    name = meta.extra["form"]
    if name in BY_FORM:
        return BY_FORM[name]
    return st.integers(int(meta.ge), int(meta.le))


def facts(type_: type[Fact]) -> st.SearchStrategy[Fact]:
    hints = get_type_hints(type_, include_extras=True)
    made = st.fixed_dictionaries({name: of(hints[name]) for name in type_.__struct_fields__})
    needs = PLANS[str(type_.__struct_config__.tag)].needs

    def complete(values: dict[str, Any]) -> bool:
        return all(values[n] is None or values[other] is not None for n, other in needs.items())

    return made.filter(complete).map(lambda values: type_(**values))


ATTRIBUTES = st.none() | st.dictionaries(
    st.from_regex(r"x[a-z0-9]{1,10}", fullmatch=True),
    st.booleans() | st.integers(-(2**31) + 1, 2**31 - 1) | st.text('abcé \\"', max_size=20),
    min_size=1,
    max_size=3,
)


def envelopes(
    subjects: st.SearchStrategy[str] = IDS, ids: st.SearchStrategy[str] = IDS
) -> st.SearchStrategy[Envelope]:
    return st.builds(
        Envelope,
        source=IDS,
        id=ids,
        subject=subjects,
        effective_at=INSTANTS,
        fact=st.one_of([facts(type_) for type_ in FACT_TYPES]),
        attributes=ATTRIBUTES,
    ).filter(ends_later)


def ends_later(e: Envelope) -> bool:
    later = [getattr(e.fact, name) for name in PLANS[TYPE_NAME[type(e.fact)]].later]
    return all(until is None or until > e.effective_at for until in later)
