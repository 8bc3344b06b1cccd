"""The published schemas of answers, rows and changes are what the code makes."""

import pytest
from schemas import FOLDER, schema

from projections.readmodels.schema import PUBLISHED as READMODELS
from projections.views.described import Shape
from projections.views.schema import PUBLISHED as VIEWS
from projections.views.schema import as_text
from replay.reconcile.schema import PUBLISHED as RECONCILE

ROOMS = {
    "projections.views": VIEWS,
    "projections.readmodels": READMODELS,
    "replay.reconcile": RECONCILE,
}
NAMES = [(room, name) for room, published in ROOMS.items() for name in published]


@pytest.mark.parametrize(("room", "name"), NAMES)
def test_the_schema_in_docs_is_current(room: str, name: str) -> None:
    file = FOLDER / f"{name}.schema.json"
    assert file.read_text("utf-8") == as_text(name, ROOMS[room][name]), (
        f"python -m {room}.schema {name} > docs/schema/{file.name}"
    )


def test_every_schema_is_published_and_every_shape_has_a_name_of_its_own() -> None:
    made = {f"{name}.schema.json" for _, name in NAMES}
    assert {file.name for file in FOLDER.iterdir()} - made == {
        "fact.schema.json",
        "openapi.json",
        "rulebook.schema.json",
    }
    names = [shape.__name__ for shape in Shape.__subclasses__()]
    assert len(names) == len(set(names))


def test_texts_below_fields_describe_them() -> None:
    sanction = schema("audit")["$defs"]["Sanction"]
    assert sanction["description"].startswith("One feature of one crossed node")
    assert sanction["properties"]["from"]["description"].startswith("Still to come")
    assert sanction["properties"]["until"]["description"].startswith("End")
    instant, nothing = sanction["properties"]["from"]["anyOf"]
    assert (instant["format"], nothing["type"]) == ("date-time", "null")
