"""What the creators asked about come to: the last line of `--json`, and the first of the report."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import asdict

from ledger.rulebook.figures import as_text, figures
from ledger.rulebook.model import Rulebook
from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Count, Phrase, sentence
from projections.standing.writing import instant, points
from replay.reconcile.crowd import Asked
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


def headline(tally: Tally, *, named: bool) -> list[list[Phrase]]:
    """That there are no recoveries at all, and how many creators stand below those that are due.

    Sentences of phrases; none where none is due that is not recorded.
    """
    due, counts = tally.rows["recovery_due"], tally.counts
    if not due:
        return []
    told = [_part("due", Count("fell_due", f"{due:,}"))]
    if counts["below"]:
        told.append(_part("below", Count("stand_below", f"{counts['below']:,}")))
    if counts["at_end"]:
        told.append(_part("at_end", Count("nothing_left", f"{counts['at_end']:,}")))
    if counts["recoveries"]:
        return [told]
    return [[Phrase("reconcile.headline.none" + ("_named" if named else ""))], told]


def _part(name: str, value: Count) -> Phrase:
    return Phrase(f"reconcile.headline.{name}", {name: value})


def summary_view(asked: Asked, tally: Tally, find: Find, zone: str) -> View:
    """The sums, kinds that were not found left out."""
    said = headline(tally, named=asked.named)
    as_of, known_at = (
        asked.now if moment is None else moment.instant(zone)
        for moment in (asked.as_of, asked.known_at)
    )
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
        "text": {language: sentence(said, language) for language in LANGUAGES} if said else None,
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
    most_first = sorted(
        tally.figures.items(), key=lambda item: (-item[1].stops, -item[1].creators, item[0])
    )
    for figure, rest in most_first:
        label, path = figure
        value = figures(find(label)).get(path)
        yield {
            "rulebook": label,
            "path": path,
            "value": None if value is None else as_text(value),
            **asdict(rest),
            "points": points(rest.points),
            "nearest": [asdict(flip) for flip in tally.flips.get(figure, [])],
        }
