"""Which room may import which: data flows one way, and what is pure does no I/O.

Each row: a room, the rooms that it may import besides its own and those inside it that have no row,
the packages that any of its files may use, and its doors: the files that touch the world outside
(files, clocks, sockets, terminals), with the packages that only they may use. A module belongs to
the deepest room that has a row. A new room needs a row: say here where it belongs.
"""

import ast
import re
from typing import NamedTuple

import pytest

from .sources import imports, modules, ours, third_party

EFFECTS = {
    "asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib",
}  # fmt: skip


class Room(NamedTuple):
    may_import: str = ""
    packages: str = ""
    doors: str = ""
    packages_of_doors: str = ""


ROOMS = {
    # --- ledger: what happened, and the law ------------------------------------------------------
    "ledger": Room(doors="database_file files urls"),
    "ledger.facts": Room("ledger", "msgspec msgpack"),
    "ledger.log": Room(
        "ledger ledger.facts ledger.log.sqlite ledger.log.postgres", "msgspec", "page"),
    "ledger.log.sqlite": Room(
        "ledger ledger.facts ledger.log", "msgspec", "file reads recorder store", "eventsourcing"),
    "ledger.log.postgres": Room(
        "ledger ledger.facts ledger.log", "", "reads recorder store", "eventsourcing psycopg"),
    "ledger.seal": Room("ledger ledger.log", "", "note offline seals", "cryptography"),
    "ledger.exchange": Room(
        "ledger ledger.facts ledger.log ledger.rulebook", "msgspec tomli",
        "ahead clock commands csv_rows dry_run export import_report intake mapping rejects"
        " table_import tabular undo", "click rich"),
    "ledger.rulebook": Room(
        "ledger ledger.facts ledger.log ledger.rulebook.checks ledger.rulebook.prose",
        "msgspec tomli", "commands file new review shelf", "click rich"),
    "ledger.rulebook.checks": Room("ledger.facts ledger.rulebook", "msgspec"),
    "ledger.rulebook.prose": Room(
        "ledger.rulebook ledger.rulebook.checks", "msgspec", "tables", "rich"),
    # --- projections: what it means now ----------------------------------------------------------
    "projections": Room(),
    "projections.fold": Room("ledger.facts", "msgspec"),
    "projections.standing": Room(
        "ledger ledger.facts ledger.log ledger.rulebook ledger.rulebook.checks projections.fold",
        "msgspec", "options question", "click"),
    "projections.explain": Room(
        "ledger ledger.facts ledger.rulebook ledger.rulebook.prose projections.fold"
        " projections.standing", "msgspec tomli", "messages"),
    "projections.views": Room(
        "ledger ledger.facts ledger.rulebook projections.fold projections.standing"
        " projections.explain", "msgspec", "commands report schema", "click"),
    "projections.readmodels": Room(
        "ledger ledger.facts ledger.log projections.fold projections.standing"
        " projections.explain projections.views", "msgspec",
        "contract follower memory runner schema shortfalls source", "pytest"),
    "projections.readmodels.watch": Room(
        "ledger projections.archive projections.standing projections.readmodels"
        " projections.readmodels.redis projections.readmodels.sql", "msgspec",
        "commands drift metrics places progress status", "click rich prometheus_client"),
    "projections.readmodels.redis": Room(
        "projections.readmodels", "msgspec msgpack", "connection script url", "redis"),
    "projections.readmodels.sql": Room(
        "ledger ledger.facts projections.readmodels", "msgspec", "frozen postgres sqlite",
        "psycopg"),
    "projections.archive": Room(
        "ledger ledger.facts ledger.log", "msgspec numba numpy pyarrow",
        "build commands manifest merge runner segment", "click fsspec"),
    # --- replay: questions to the record ---------------------------------------------------------
    "replay": Room("ledger projections.views", "tomli", "cli console errors group", "click rich"),
    "replay.audit": Room(
        "ledger ledger.facts ledger.rulebook ledger.rulebook.prose projections.fold"
        " projections.standing"
        " projections.explain projections.views replay replay.bundle replay.statement"
        " replay.pages replay.whatif", "msgspec", "commands report side_by_side", "click rich"),
    "replay.bundle": Room(
        "ledger ledger.exchange ledger.facts ledger.log ledger.rulebook projections.standing"
        " projections.explain projections.views projections.readmodels", "msgspec", "commands",
        "click"),
    "replay.interchange": Room(
        "ledger ledger.facts ledger.exchange projections.fold projections.standing"
        " projections.explain projections.views replay.statement", "msgspec tomli",
        "commands ocel words", "click"),
    "replay.statement": Room(
        "ledger ledger.facts ledger.rulebook ledger.rulebook.prose ledger.exchange"
        " projections.fold projections.standing"
        " projections.explain", "msgspec", "commands template"),
    "replay.pages": Room(
        "ledger ledger.facts ledger.rulebook ledger.rulebook.prose projections.fold"
        " projections.standing"
        " projections.explain projections.views replay.picture", "msgspec", "files"),
    "replay.picture": Room(
        "ledger ledger.facts projections.fold projections.standing projections.explain", "msgspec",
        "styles"),
    "replay.whatif": Room(
        "ledger ledger.facts ledger.rulebook projections.fold projections.standing"
        " projections.explain projections.views replay replay.pages replay.picture"
        " replay.whatif.questions", "msgspec tomli",
        "asked commands options side_by_side", "click rich"),
    "replay.whatif.questions": Room(
        "ledger ledger.facts ledger.rulebook projections.fold projections.standing"
        " projections.explain projections.views replay.whatif", "msgspec", "legal_orders"),
    "replay.reconcile": Room(
        "ledger ledger.exchange ledger.facts ledger.rulebook projections.fold projections.standing"
        " projections.explain projections.views replay replay.whatif", "msgspec",
        "commands crowd report schema", "click rich"),
    "replay.drafts": Room(
        "ledger ledger.facts ledger.log ledger.rulebook ledger.rulebook.checks projections.archive"
        " projections.fold projections.standing projections.explain projections.views"
        " replay.population replay.population.study replay.whatif replay.casebook",
        "msgspec", "adoption commands sieve subjects", "click numpy pyarrow rich"),
    "replay.casebook": Room(
        "ledger ledger.facts ledger.rulebook projections.fold projections.standing"
        " projections.explain replay replay.whatif", "msgspec", "commands report suites",
        "click rich"),
    "replay.library": Room(
        "ledger ledger.facts ledger.log ledger.rulebook ledger.rulebook.prose projections.standing"
        " projections.views projections.readmodels projections.readmodels.redis"
        " projections.readmodels.sql projections.readmodels.watch replay.audit replay.bundle"
        " replay.drafts replay.pages replay.population"
        " replay.population.report replay.population.study replay.statement replay.whatif"
        " replay.whatif.questions",
        "msgspec", "everybody ledger scenarios"),
    "replay.seals": Room(
        "ledger ledger.facts ledger.log ledger.log.sqlite ledger.seal projections.standing"
        " projections.views projections.readmodels", "", "commands standings", "click rich"),
    "replay.population": Room(
        "ledger ledger.facts ledger.rulebook projections.archive projections.fold"
        " projections.standing replay.population.compiler", "msgspec",
        "archived cache card columns device engine gives kernels synthetic workers",
        "llvmlite numpy pyarrow"),
    "replay.population.compiler": Room(
        "projections.fold", "msgspec", "layout lower machine ptx values", "llvmlite numpy"),
    "replay.population.study": Room(
        "ledger ledger.facts ledger.log ledger.rulebook projections.archive projections.explain"
        " projections.fold projections.standing replay.population replay.whatif"
        " replay.whatif.questions", "msgspec numpy", "archive shares spark threads",
        "pyarrow pyspark"),
    "replay.population.report": Room(
        "ledger projections.explain projections.standing projections.views replay"
        " replay.pages replay.picture"
        " replay.population replay.population.study replay.whatif", "",
        "commands listing page text", "click rich"),
    "replay.web": Room(
        "ledger projections.readmodels projections.readmodels.redis projections.standing"
        " replay.library replay.web.access replay.web.api replay.web.page", "msgspec",
        "app commands connection following jobs ledgers openapi schema server settings standings"
        " stream together",
        "anyio click fastapi h11 starlette uvicorn"),
    "replay.web.access": Room(
        "ledger replay.web", "msgspec", "approvals gate guard keys problems table tokens",
        "anyio fastapi starlette"),
    "replay.web.api": Room(
        "ledger projections.readmodels projections.standing replay.library replay.web"
        " replay.web.access",
        "fastapi msgspec pydantic starlette"),
    "replay.web.page": Room(
        "ledger ledger.facts ledger.rulebook.prose projections.explain projections.standing"
        " replay.drafts replay.library replay.pages replay.picture replay.population.report"
        " replay.web replay.web.access replay.whatif",
        "fastapi msgspec rich starlette",
        "assets creator door due everybody home overview rulebooks shell"),
}  # fmt: skip


def room_of(module: str) -> str:
    while module and module not in ROOMS:
        module = module.rpartition(".")[0]
    return module


def is_door(module: str, room: str) -> bool:
    inside = module.removeprefix(room).strip(".").partition(".")[0]
    return inside in ROOMS[room].doors.split()


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_its_room_allows(module: str) -> None:
    room, found = room_of(module), imports(modules()[module])
    allowed = {room, *ROOMS[room].may_import.split()}
    wrong = {name for name in ours(found) if room_of(name) not in allowed}
    assert not wrong, f"{module} may not import {sorted(wrong)}"
    packages = set(ROOMS[room].packages.split())
    if is_door(module, room):
        packages |= set(ROOMS[room].packages_of_doors.split())
    else:
        assert not {name.partition(".")[0] for name in found} & EFFECTS, f"{module} is no door"
    assert third_party(found) <= packages, module


def test_every_folder_of_modules_is_a_room_and_every_row_is_needed() -> None:
    packages = {name for name, path in modules().items() if path.name == "__init__.py"}
    assert packages - {"projections.explain.messages"} == set(ROOMS)
    for room, row in ROOMS.items():
        inside = {name: imports(path) for name, path in modules().items() if room_of(name) == room}
        used = {room_of(name) for found in inside.values() for name in ours(found)} - {room}
        assert used == set(row.may_import.split()), room
        doors = {f"{room}.{door}" for door in row.doors.split()}
        assert doors <= set(inside), room


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_who_lives_there_and_what_it_imports(room: str) -> None:
    said = ast.get_docstring(ast.parse(modules()[room].read_text(encoding="utf-8"))) or ""
    part = dict(
        re.findall(r"^(Here|In|Out|Imports): (.*?)(?=\n[A-Z]\w+: |\n\n|\Z)", said, re.M | re.S)
    )
    folder = modules()[room].parent
    living = {
        name.removeprefix(f"{room}.").partition(".")[0]
        for name in modules()
        if name.startswith(f"{room}.")
    }
    named = set(re.findall(r"`([a-z_]+)`", part["Here"]))
    assert living <= named, f"{room} does not say who {sorted(living - named)} are"
    gone = {name for name in named - living if not (folder / name).is_dir()}
    assert not gone, f"{room} names {sorted(gone)}, who do not live there"
    assert set(re.findall(r"`([\w.]+)`", part["Imports"])) == set(ROOMS[room].may_import.split())
    assert {"Here", "In", "Out", "Imports"} == part.keys()
    assert "inside and may change" in " ".join(said.split())


@pytest.mark.parametrize("module", modules())
def test_no_file_repeats_the_name_of_its_room(module: str) -> None:
    *_, room, file = ("", *module.split("."))
    assert not file.startswith((f"{room}_", room.rstrip("s") + "_")), module


@pytest.mark.parametrize(
    ("room", "below"),
    [("ledger", set()), ("projections", {"ledger"}), ("replay", {"ledger", "projections"})],
)
def test_the_rooms_have_one_direction(room: str, below: set[str]) -> None:
    for module, path in modules().items():
        if module.partition(".")[0] == room:
            rooms = {name.partition(".")[0] for name in ours(imports(path))}
            assert rooms <= below | {room}, module


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name: ours(imports(path)) - {name} for name, path in modules().items()}
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " → ".join((*above, module))
        if module not in done:
            for name in graph.get(module, ()):
                visit(name, (*above, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_every_module_is_used() -> None:
    used = {"replay.cli"} | set(commands_modules())
    for path in modules().values():
        used |= ours(imports(path))
    packages = {name for name, path in modules().items() if path.name == "__init__.py"}
    dead = set(modules()) - used - packages - SPOKEN_TO
    assert not dead, f"nothing imports {sorted(dead)}"


SPOKEN_TO = {
    "projections.archive.envelopes",  # docs/archive.md: the archive back as facts
    "projections.readmodels.contract",  # tests of targets, ours and others'
    "ledger.facts.schema",  # python -m ledger.facts.schema writes docs/schema/fact.schema.json
    "projections.views.schema",  # writes docs/schema/standing.schema.json and audit.schema.json
    "replay.web.schema",  # writes docs/schema/openapi.json
    "replay.reconcile.schema",  # writes docs/schema/reconcile.schema.json and its summary's
    "projections.readmodels.schema",  # writes docs/schema/row.schema.json and change.schema.json
    "replay.population.archived",  # scripts/bench archive
    "replay.population.synthetic",  # scripts/bench fold
}


def commands_modules() -> list[str]:
    from replay.cli import COMMANDS, RULEBOOK, TOKEN

    every = (*COMMANDS.values(), *RULEBOOK.values(), *TOKEN.values())
    return [m for m, _ in every if isinstance(m, str)]
