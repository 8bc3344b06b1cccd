"""The JSON Schemas of what `standing --json` and `audit --json` print, made from `described`.

`python -m projections.views.schema standing` prints one; `docs/schema/` has them. A shape is
described by its docstring, a field by the text below it.
"""

import ast
import json
import sys
from collections.abc import Iterator
from inspect import getsource
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import fields

from ledger.facts.schema import DIALECT
from projections.views.compared import Compare
from projections.views.described import Audit, Head, Shape, Standing
from projections.views.glance_described import Glance

Schema = dict[str, Any]


class Published(NamedTuple):
    title: str
    parts: tuple[type[Shape], ...]
    """The object has the fields of all of them."""
    perhaps: tuple[type[Shape], ...] = ()
    """And may have those of these."""


PUBLISHED = {
    "standing": Published("What `standing --json` prints, version 1", (Head, Standing), (Glance,)),
    "audit": Published("What `audit --json` prints, version 1", (Head, Audit, Glance)),
    "compare": Published("What `audit --compare --json` prints, version 1", (Compare,)),
}


def schema(name: str, published: Published) -> Schema:
    """An object, and below `$defs` all that it has inside."""
    known = {shape.__name__: shape for shape in Shape.__subclasses__()}
    parts = (*published.parts, *published.perhaps)
    _, definitions = msgspec.json.schema_components(parts)
    for word, definition in definitions.items():
        _describe(definition, known[word])
    heads = [definitions.pop(part.__name__) for part in parts]
    needed = heads[: len(published.parts)]
    return {
        "$schema": DIALECT,
        "$id": f"penalty-ledger:{name}:1",
        "title": published.title,
        "type": "object",
        "properties": {word: said for head in heads for word, said in head["properties"].items()},
        "required": [word for head in needed for word in head["required"]],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _describe(definition: Schema, shape: type[Shape]) -> None:
    definition["description"] = _line(shape.__doc__ or "")
    names, properties = {f.name: f.encode_name for f in fields(shape)}, definition["properties"]
    for field, text in _texts(shape):
        said = {"description": text}
        properties[names[field]] = said | properties[names[field]] | said


def _texts(shape: type[Shape]) -> Iterator[tuple[str, str]]:
    """What stands below its fields in the source."""
    (tree,) = ast.parse(getsource(shape)).body
    assert isinstance(tree, ast.ClassDef)
    for item, below in pairwise(tree.body):
        match item, below:
            case ast.AnnAssign(target=ast.Name(field)), ast.Expr(ast.Constant(str(text))):
                yield field, _line(text)


def _line(text: str) -> str:
    return " ".join(text.split())


def as_text(name: str, published: Published) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(name, published), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(as_text(sys.argv[1], PUBLISHED[sys.argv[1]]), end="")
