"""`penalty-ledger rulebook`: what the rules are, if a file is sound, what a version changed."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.errors import RulebookError
from ledger.rulebook.citations import Citation
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import Shelf, load

if TYPE_CHECKING:
    from rich.console import Console

as_json = click.option("--json", "json_", is_flag=True, help="For machines.")


@click.command("list")
@as_json
@click.pass_obj
def list_command(obj: dict[str, Any], json_: bool) -> None:
    """Every rulebook and version, and the day from which each is in force."""
    from ledger.rulebook.document import head

    shelf = Shelf(obj["rulebooks"])
    versions = [r for name in shelf.names() for r in shelf.versions(name, drafts=True)]
    if json_:
        _print_json([head(r) for r in versions])
        return
    table = _table("rulebook", "version", "in force from", "title", "hash")
    for r in versions:
        title = f"{r.title.en} · {r.title.zh}"
        since = f"{r.in_force_from}{' (draft)' if r.draft else ''}"
        table.add_row(r.name, r.version, since, title, r.hash[:12])
    _console().print(table)


@click.command("show")
@click.argument("rulebook", metavar="NAME[@VERSION]|FILE")
@as_json
@click.pass_obj
def show_command(obj: dict[str, Any], rulebook: str, json_: bool) -> None:
    """Every figure with its clause and source, or why it is assumed. The newest version if none."""
    from ledger.rulebook.document import document

    r = _find(obj, rulebook)
    if json_:
        _print_json(document(r))
    else:
        from ledger.rulebook.prose.tables import tables

        console = _console()
        for part in tables(r):
            console.print(part)


@click.command("explain")
@click.argument("rulebook", metavar="NAME[@VERSION]|FILE")
@click.option(
    "--lang",
    "language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="English or Chinese.",
)
@as_json
@click.pass_obj
def explain_command(obj: dict[str, Any], rulebook: str, language: str, json_: bool) -> None:
    """The rules as prose, figure by figure with its clause, and what is worth another look."""
    from ledger.rulebook.prose.explained import document, lines

    r = _find(obj, rulebook)
    if json_:
        _print_json(document(r))
        return
    for line in lines(r, language):
        click.echo(line)


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|DIR]…")
@click.option("--log", "with_log", is_flag=True, help="Also compare with what is pinned in --db.")
@as_json
@click.pass_context
def check_command(ctx: click.Context, paths: tuple[Path, ...], with_log: bool, json_: bool) -> None:
    """Is each file sound, and unchanged since it was published? All rulebooks if none is named.

    What can be ruled by and is perhaps not meant is a warning; it changes no exit code.
    """
    from ledger.rulebook.review import review

    recorded: dict[tuple[str, str], str] = {}
    if with_log:
        from ledger.log.port import open_reader

        with open_reader(ctx.obj["db"]) as log:
            recorded = log.pins()
    reviews = review(paths, Shelf(ctx.obj["rulebooks"]), recorded)
    if json_:
        _print_json([{f: getattr(r, f) for f in r.__struct_fields__} for r in reviews])
    for r in reviews if not json_ else ():
        if r.problems:
            for problem in r.problems:
                click.echo(problem, err=True)
        else:
            also = f"{', draft' if r.draft else ''}{', published' if r.published else ''}"
            click.echo(f"{r.label}: sound{also}  {r.file}")
        for warning in r.warnings:
            click.echo(f"warning: {warning}", err=True)
    if any(r.problems for r in reviews):
        ctx.exit(RulebookError.exit_code)


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@as_json
@click.pass_obj
def diff_command(obj: dict[str, Any], old: str, new: str, json_: bool) -> None:
    """What changed from A to B (NAME[@VERSION] or FILE), with the citation on both sides."""
    from ledger.rulebook.document import diff
    from ledger.rulebook.figures import differences

    before, after = _find(obj, old), _find(obj, new)
    if json_:
        _print_json(diff(before, after))
        return
    found = list(differences(before, after))
    table = _table("figure", before.label, "from", after.label, "from")
    for path, was, now, from_, to in found:
        table.add_row(path, _shown(was), _label(from_), _shown(now), _label(to))
    _console().print(table if found else f"{before.label} and {after.label} rule alike")


@click.command("schema")
def schema_command() -> None:
    """The JSON Schema of a rulebook file, for editors."""
    from ledger.rulebook.schema import schema

    _print_json(schema())


def _find(obj: dict[str, Any], label: str) -> Rulebook:
    if label.endswith(".toml"):
        return load(label)
    return Shelf(obj["rulebooks"]).find(label)


def _shown(value: str | int | bool | Decimal | date | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _label(citation: Citation | None) -> str:
    return citation.label if citation else ""


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _console() -> "Console":
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 160  # a pipe has no width; wrapped cells are hard to search
    return console


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
