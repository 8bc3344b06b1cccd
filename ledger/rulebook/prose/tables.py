"""A rulebook as tables for a terminal: each figure beside where it comes from."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ledger.rulebook.citations import Citation
from ledger.rulebook.figures import Value, figures, titles
from ledger.rulebook.model import Rulebook, Title
from ledger.rulebook.prose.quoted import named


def tables(r: Rulebook) -> Iterator[Text | Table]:
    """Head, sources, one table of figures for each concept, and the clauses in their own words."""
    yield Text(f"{r.label}  {r.title.en} · {r.title.zh}", style="bold")
    draft = "draft, once adopted " if r.draft else ""
    yield Text(f"{draft}in force from {r.in_force_from}, {r.zone}; hash {r.hash}")
    yield _sources(r)
    named = {path: f"{title.en} · {title.zh}" for path, title in titles(r).items()}
    groups: dict[str, dict[str, Value]] = {}
    for path, value in figures(r).items():
        top, dot, _ = path.partition(".")
        groups.setdefault(top if dot else "calendar", {})[path] = value
    for name, group in groups.items():
        yield _figures(r, name, group, named)
    if r.redress:
        yield _quoted(r, "redress", "way", r.redress)
    yield _quoted(r, "clauses", "concept", r.clauses)


def _figures(r: Rulebook, name: str, group: dict[str, Value], named: dict[str, str]) -> Table:
    table = _table(name, "figure", "value", "from", "note")
    last = ""
    for path, value in group.items():
        parts = path.split(".")
        if parts[-1] == "feature":  # the next rows bear its name
            continue
        for depth in (2, 4):  # categories.late, categories.late.severities.grave
            thing = ".".join(parts[:depth])
            if thing in named:  # once, above its figures
                key = ".".join(parts[1:depth])
                table.add_row(Text(key, "bold"), Text(named.pop(thing), "bold"), "", "")
        citation = r.cite(path)
        note = citation.note if citation.note != last else "″" if last else ""
        last = citation.note
        table.add_row(_spoken(path, group), _shown(value), _from(citation), note)
    return table


def _spoken(path: str, group: dict[str, Value]) -> str:
    """The path below its concept, a stop by its feature, as `--set` takes it too."""
    parts = path.split(".")
    if "stops" in parts[:-1]:
        at = parts.index("stops") + 1
        parts[at] = str(group[".".join([*parts[: at + 1], "feature"])])
    return ".".join(parts[1:]) or path


def _shown(value: Value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _sources(r: Rulebook) -> Table:
    table = _table("sources", "key", "title", "file or address", "date")
    for key, source in r.sources.items():
        table.add_row(key, named(source).en, source.file or source.url, source.date)
    return table


def _quoted(r: Rulebook, name: str, key: str, quoted: Mapping[Any, Title]) -> Table:
    table = _table(name, key, "rule", "原文", "from")
    for word, words in quoted.items():
        table.add_row(word, words.en, words.zh, _from(r.cite(f"{name}.{word}")))
    return table


def _from(citation: Citation) -> Text:
    return Text(citation.label, "yellow" if citation.assumed else "")


def _table(title: str, *columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
