"""What the creators asked about come to: the last line of `--json`, and the first of the report."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import asdict

from ledger.rulebook.figures import as_text, figures
from ledger.rulebook.model import Rulebook
from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Count, Phrase, say
from projections.standing.writing import instant, points
from replay.reconcile.findings import KINDS, Finding
from replay.reconcile.overrides import Cells, Like, spread, unlike
from replay.reconcile.tally import Tally

View = dict[str, Any]
Find = Callable[[str], Rulebook]
"""The rulebook of a label."""


def group_findings(tally: Tally, find: Find) -> Iterator[Finding]:
    """Rows about several creators, once all are known; they are counted with the others."""
    for like, cells in sorted(tally.overrides.items()):
        if found := unlike(like, cells, find(like.rulebook)):
            tally.rows[found.kind] += 1
            yield found


def headline(tally: Tally) -> Phrase | None:
    """That there are no recoveries at all, or how many creators stand below those that are due."""
    counts = tally.counts
    if not tally.rows["recovery_due"]:
        return None
    key = "some" if counts["recoveries"] else "none"
    return Phrase(
        f"reconcile.headline.{key}",
        {
            "due": Count("recoveries", f"{tally.rows['recovery_due']:,}"),
            "below": Count("creators", f"{counts['below']:,}"),
            "at_end": f"{counts['at_end']:,}",
        },
    )


def summary_view(tally: Tally, find: Find, as_of: int, known_at: int, zone: str) -> View:
    """The sums, kinds that were not found left out."""
    said = headline(tally)
    return {
        "as_of": instant(as_of, zone),
        "known_at": instant(known_at, zone),
        "creators": tally.counts["creators"],
        "facts": tally.counts["facts"],
        "left_out": sum(tally.left_out.values()),
        "found": {
            kind: {"rows": tally.rows[kind], "creators": tally.creators[kind]}
            for kind in KINDS
            if tally.rows[kind]
        },
        "recoveries": {name: tally.counts[key] for name, key in RECOVERIES.items()},
        "overrides": [like_view(*item, find) for item in sorted(tally.overrides.items())],
        "assumed": [*figure_views(tally, find)],
        "text": said and {language: say(said, language) for language in LANGUAGES},
    }


RECOVERIES = {"recorded": "recoveries", "stand_below": "below", "at_end": "at_end"}


def like_view(like: Like, cells: Cells, find: Find) -> View:
    """Like cases of overrides: how many at which points."""
    least, _, median, _, most = spread(cells)
    category = find(like.rulebook).categories.get(like.category)
    table = None if category is None else category.at(like.severity).points
    return like._asdict() | {
        "severity": like.severity or None,
        "table": None if table is None else str(table),
        "cases": sum(cell.count for cell in cells.values()),
        "least": points(least),
        "median": points(median),
        "most": points(most),
    }


def figure_views(tally: Tally, find: Find) -> Iterator[View]:
    """What rests on each assumed figure, the most first."""
    for figure, rest in sorted(
        tally.figures.items(), key=lambda item: (-item[1]["stops"], item[0])
    ):
        label, path = figure
        yield {
            "rulebook": label,
            "path": path,
            "value": as_text(figures(find(label))[path]),
            "creators": rest["creators"],
            "violations": rest["violations"],
            "points": points(rest["points"]),
            "stops": rest["stops"],
            "running": rest["running"],
            "recoveries": rest["recoveries"],
            "nearest": [asdict(flip) for flip in tally.flips.get(figure, [])],
        }
