"""A rulebook as JSON: what it is, and every figure with its clause and source."""

from decimal import Decimal
from typing import Any

import msgspec

from ledger.rulebook.figures import differences, figures, titles
from ledger.rulebook.model import Rulebook

HEAD = ("name", "version", "in_force_from", "draft", "zone", "title", "hash")


def head(rulebook: Rulebook) -> dict[str, Any]:
    """A line of `rulebook list --json`."""
    return {key: plain(getattr(rulebook, key)) for key in HEAD}


def document(rulebook: Rulebook) -> dict[str, Any]:
    """What `rulebook show --json` prints."""
    about = head(rulebook)
    del about["in_force_from"]  # a figure with a clause, like the others
    return about | {
        "sources": {key: plain(source) for key, source in rulebook.sources.items()},
        "figures": [
            {"key": path, "value": plain(value), **plain(rulebook.cite(path))}
            for path, value in figures(rulebook).items()
        ],
        "titles": {path: plain(title) for path, title in titles(rulebook).items()},
        "redress": {
            way: {**plain(words), **plain(rulebook.cite(f"redress.{way}"))}
            for way, words in rulebook.redress.items()
        },
        "clauses": [
            {"concept": concept, **plain(words), **plain(rulebook.cite(f"clauses.{concept}"))}
            for concept, words in rulebook.clauses.items()
        ],
    }


def changes(old: Rulebook, new: Rulebook) -> list[dict[str, Any]]:
    """Each figure that differs, with its citation on both sides.

    `None` is the side that does not have it.
    """
    return [
        {
            "key": path,
            "old": None if was is None else {"value": plain(was), **plain(from_)},
            "new": None if now is None else {"value": plain(now), **plain(to)},
        }
        for path, was, now, from_, to in differences(old, new)
    ]


def diff(old: Rulebook, new: Rulebook) -> dict[str, Any]:
    """What `rulebook diff --json` prints."""
    return {"old": old.label, "new": new.label, "changes": changes(old, new)}


def plain(value: Any) -> Any:
    """As JSON: decimals as text, dates as RFC 3339, structs as objects."""
    return f"{value:f}" if isinstance(value, Decimal) else msgspec.to_builtins(value)
