"""Which module may import which: data flows one way, and what is pure does no I/O.

Each row: the modules, the rows that they may import besides their own, the third-party packages
they may use, and whether they are pure. A new module that fits no row is an error: say here where
it belongs.
"""

from fnmatch import fnmatch
from typing import NamedTuple

import pytest

from .sources import imports, modules, ours, third_party

EFFECTS = {
    "asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib",
}  # fmt: skip


class Row(NamedTuple):
    modules: str
    may_import: str = ""
    third_party: str = ""
    pure: bool = False


TABLE = {
    # --- ledger: what happened, and the law ------------------------------------------------------
    "words": Row("ledger ledger.errors ledger.facts ledger.envelope ledger.currencies",
                 "", "msgspec", pure=True),
    "forms": Row("ledger.forms ledger.plans ledger.cloudevents ledger.codec ledger.factschema "
                 "ledger.jsonline",
                 "words", "msgspec msgpack", pure=True),
    "shelf": Row("ledger.rulebook_file ledger.rulebook_review ledger.shelf",
                 "words law", "msgspec"),
    "law commands": Row("ledger.rulebook_commands ledger.rulebook_tables "
                        "ledger.rulebook_new",
                        "words law shelf log", "click rich msgspec"),
    "law": Row("ledger.rulebook ledger.rulebook_*", "words", "msgspec", pure=True),
    "tables": Row("ledger.mapping ledger.cells ledger.csv_rows ledger.tabular",
                  "words forms", "msgspec"),
    "log": Row("ledger.log ledger.page ledger.pins ledger.sqlite* ledger.postgres*",
               "words forms", "eventsourcing psycopg msgspec"),
    "doors": Row("ledger.intake ledger.table_import ledger.export ledger.import_report",
                 "words forms tables log", "msgspec"),
    "ledger commands": Row("ledger.commands", "words forms tables log doors", "click rich"),
    # --- projections: what it means now ----------------------------------------------------------
    "fold": Row("projections.fold projections.fold.*", "words", "msgspec", pure=True),
    "messages": Row("projections projections.messages projections.messages.*"),
    "projection commands": Row("projections.commands projections.options projections.question "
                               "projections.adoptions projections.report",
                               "words law shelf log fold messages views", "click rich msgspec"),
    "rows": Row("projections.readmodels projections.readmodels.rows "
                "projections.readmodels.derive projections.readmodels.target "
                "projections.readmodels.changes projections.readmodels.lessons "
                "projections.readmodels.feed",
                "words forms fold views", "msgspec", pure=True),
    "targets": Row("projections.readmodels.memory projections.readmodels.redis* "
                   "projections.readmodels.sql* projections.readmodels.lines",
                   "words rows", "msgspec redis hiredis psycopg msgpack"),
    "runners": Row("projections.readmodels.source projections.readmodels.follower "
                   "projections.readmodels.runner projections.readmodels.drift "
                   "projections.readmodels.status projections.readmodels.metrics "
                   "projections.readmodels.progress projections.readmodels.places "
                   "projections.readmodels.commands",
                   "words log fold views rows targets projection_commands",
                   "msgspec click rich prometheus_client"),
    "target contract": Row("projections.readmodels.contract", "rows", "pytest"),
    "views": Row("projections.*", "words forms law fold messages", "msgspec", pure=True),
    # --- replay: questions to the record ---------------------------------------------------------
    "population": Row("replay.population replay.population.*",
                      "words law shelf fold views", "numba numpy"),
    "program": Row("replay.cli", "words", "click"),
    "questions": Row("replay replay.*",
                     "words forms law shelf log fold messages views projection_commands",
                     "click rich msgspec"),
}  # fmt: skip


def row_of(module: str) -> str:
    for name, row in TABLE.items():
        if any(fnmatch(module, pattern) for pattern in row.modules.split()):
            return name
    raise AssertionError(f"{module} fits no row of TABLE: say there where it belongs")


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_its_row_allows(module: str) -> None:
    row = TABLE[row_of(module)]
    found = imports(modules()[module])
    allowed = {row_of(module), *(name.replace("_", " ") for name in row.may_import.split())}
    allowed |= set(row.may_import.split())
    wrong = {name for name in ours(found) if row_of(name) not in allowed}
    assert not wrong, f"{module} may not import {sorted(wrong)}"
    assert third_party(found) <= set(row.third_party.split()), module
    if row.pure:
        assert not {name.partition(".")[0] for name in found} & EFFECTS, f"{module} is pure"


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
    "projections.readmodels.contract",  # tests of targets, ours and others'
    "ledger.factschema",  # python -m ledger.factschema writes docs/schema/fact.schema.json
    "replay.population.kernel",  # scripts/bench fold
    "replay.population.synthetic",  # scripts/bench fold
}


def commands_modules() -> list[str]:
    from replay.cli import COMMANDS, RULEBOOK

    return [m for m, _ in (*COMMANDS.values(), *RULEBOOK.values()) if isinstance(m, str)]
