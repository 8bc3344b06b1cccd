"""From a fact type's annotations to its fields and their forms; no type is known by name."""

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from msgspec import Meta
from msgspec.structs import fields

from ledger.facts.forms import FLAG, FORMS, LIST_LENGTH, Data, Form, Wrong, hundredths, integer
from ledger.facts.types import FACT_TYPES, TYPE_NAME, Fact

RANGED = {"hundredths": hundredths, "integer": integer}


class Field(NamedTuple):
    """One field of a fact type."""

    form: Form
    required: bool
    default: Any


class Plan(NamedTuple):
    """How a fact type is read and written."""

    type: type[Fact]
    fields: dict[str, Field]
    readers: dict[str, Callable[[Any, Data], Any]]
    required: frozenset[str]
    needs: dict[str, str]
    """{a field: the field it needs beside it}."""
    later: frozenset[str]
    """The instants that come after the fact's own time."""
    from_text: dict[str, str]
    """{a field that a table can only give as text: `boolean` or `array`}."""


def choice(words: tuple[str, ...]) -> Form:
    """One word of a closed list."""
    allowed = frozenset(words)
    wanted = "one of " + " ".join(words)

    def read(value: Any, _: Data) -> str:
        if type(value) is not str or value not in allowed:
            raise Wrong(wanted)
        return value

    return Form(read, lambda value, _: value, {"enum": list(words)})


def listing(item: Form) -> Form:
    """A list of distinct items; their order is kept."""

    def read(value: Any, data: Data) -> tuple[Any, ...]:
        if type(value) is not list or len(value) > LIST_LENGTH:
            raise Wrong(f"a list of at most {LIST_LENGTH} words")
        return tuple([item.read(one, data) for one in value])

    def write(value: tuple[Any, ...], fact: Any) -> list[Any]:
        return [item.write(one, fact) for one in value]

    schema = {"type": "array", "items": item.schema, "maxItems": LIST_LENGTH}
    return Form(read, write, schema)


def form_of(annotation: Any) -> Form:
    """The form an annotation of `facts` names, with its bounds."""
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        (inner,) = (a for a in get_args(annotation) if a is not NoneType)
        return form_of(inner)
    if origin is Literal:
        return choice(get_args(annotation))
    if origin is tuple:
        return listing(form_of(get_args(annotation)[0]))
    if annotation is bool:
        return FLAG
    assert origin is Annotated, annotation
    meta = next(m for m in annotation.__metadata__ if isinstance(m, Meta))
    name = (meta.extra or {})["form"]
    if name in RANGED:
        return RANGED[name](int(meta.ge or 0), int(meta.le or 0))
    return FORMS[name]


def plan_of(type_: type[Fact]) -> Plan:
    """The fields of a fact type and what each is."""
    hints = get_type_hints(type_, include_extras=True)
    plan = {f.name: Field(form_of(hints[f.name]), f.required, f.default) for f in fields(type_)}
    required = frozenset(name for name, field in plan.items() if field.required)
    # an override of the table's points says on what ground, whatever fact carries both
    needs = {"points": "ground"} if {"points", "ground"} <= set(plan) else {}
    readers = {name: field.form.read for name, field in plan.items()}
    later = frozenset({"until"} & plan.keys())  # what has ended before it began never was
    kinds = {name: field.form.schema.get("type") for name, field in plan.items()}
    from_text = {name: kind for name, kind in kinds.items() if kind in ("boolean", "array")}
    return Plan(type_, plan, readers, required, needs, later, from_text)


PLANS: dict[str, Plan] = {TYPE_NAME[type_]: plan_of(type_) for type_ in FACT_TYPES}
