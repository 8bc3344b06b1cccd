"""Whose tables are these, and are they as this program makes them? If older, step by step they are.

The layout is the version of tables and views. A migration brings it from one to the next, in one
transaction with its number; the views are made anew after the last. Rows themselves are a cache:
where another version of the program would make other rows, the runner rebuilds them.
"""

from collections.abc import Callable

from projections.readmodels.sql.schema import shared_tables, view_names, views
from projections.readmodels.sql.store import Session, Store
from projections.readmodels.target import TargetError

MIGRATIONS: list[Callable[[Session], None]] = []
"""From layout 1 to 2, from 2 to 3, and so on."""


def newest() -> int:
    return 1 + len(MIGRATIONS)


def prepare(store: Store) -> None:
    """Make or migrate the tables, once, also when several processes come together."""
    with store.reading() as session:
        if _layout(store, session) == newest():
            return
    with store.writing() as session:
        if store.dialect.alone:
            session.run(store.dialect.alone)
        found = _layout(store, session)
        if found == newest():
            return
        if not found:
            for statement in shared_tables(store.dialect):
                session.run(statement)
            session.run("INSERT INTO meta (layout) VALUES (?)", newest())
            return
        for migrate in MIGRATIONS[found - 1 :]:
            migrate(session)
        session.run("UPDATE meta SET layout = ?", newest())
        show_live(store, session)


def _layout(store: Store, session: Session) -> int:
    """The layout that is there; 0 if nothing is."""
    tables = store.tables(session)
    if not tables:
        return 0
    if "meta" not in tables:
        raise TargetError(f"{store.name} has tables that are no read models: name another place")
    rows = session.run("SELECT layout FROM meta")
    if len(rows) != 1 or not isinstance(rows[0][0], int) or rows[0][0] < 1:
        raise TargetError(f"{store.name} is damaged, its layout is unknown: drop it and rebuild")
    (found,) = rows[0]
    if found > newest():
        raise TargetError(
            f"{store.name} was written by a newer version of this program (layout {found}, this "
            f"one knows {newest()}): upgrade it to use these read models"
        )
    return int(found)


def show_live(store: Store, session: Session) -> None:
    """Send the views to the live generation, if there is one."""
    for (number,) in session.run("SELECT number FROM generation WHERE live"):
        if store.dialect.view == "CREATE VIEW":  # it can't be replaced
            for name in view_names():
                session.run(f"DROP VIEW IF EXISTS {name}")
        for statement in views(store.dialect, number):
            session.run(statement)
