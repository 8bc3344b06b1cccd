"""What a language calls things in an answer about everybody."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ledger.text import safe
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.standing.writing import clock_time
from replay.population.study.answer import Result
from replay.population.study.tally import LENGTHS
from replay.population.study.view import zone_of
from replay.whatif.words import Words

View = dict[str, Any]


class Teller:
    """Sentences of an answer, and names by the titles of its rulebooks."""

    def __init__(self, result: Result, language: str) -> None:
        self.result, self.language = result, language
        rulebooks = [r for each in result.reforms.every[:2] for r in reversed(each.rulebooks)]
        self.words = Words(rulebooks, language)

    def say(self, key: str, **values: Value) -> str:
        return say(Phrase(f"population.{key}", values), self.language)

    def title(self, key: str) -> str:
        """As a heading begins."""
        text = self.say(key)
        return text[:1].upper() + text[1:]

    def creators(self, number: int) -> Count:
        return Count("creators", f"{number:,}")

    def named(self, **row: Any) -> str:
        """One field of a row by its title: `feature="cart"`."""
        return self.words.row(row)

    def counter(self, name: str) -> str:
        """The title of a counter."""
        return say(self.words.counter(name), self.language)

    def classes(self) -> list[str]:
        """How long a stop may be."""
        upto = [self.say("up_to", n=str(n)) for n in LENGTHS]
        over = self.say("over", n=str(LENGTHS[-1]))
        return [self.say("none"), *upto, over, self.say("ever")]

    def head(self, view: View) -> list[str]:
        """Whom it is about, as of when, and whom not."""
        times, zone = self.result.times, zone_of(self.result)
        known = self.say("now")
        if view["known_at"]:
            known = self.say("known_at", at=clock_time(times.known_at, zone))
        lines = [
            self.say(
                "head",
                creators=self.creators(view["creators"]),
                rulebook=view["rulebook"],
                as_of=clock_time(times.as_of, zone),
                known_at=known,
                zone=Word("zones", zone),
            )
        ]
        if view["where"]:
            where = safe(", ".join(view["where"]))
            lines.append(self.say("where", where=where, n=f"{view['elsewhere']:,}"))
        for name, number in view["left_out"].items():
            lines.append(self.say("others", n=f"{number:,}", rulebook=name))
        if view["sample"]:
            said = {name: f"{n:,}" for name, n in view["sample"].items() if name != "seed"}
            lines.append(self.say("sample", seed=str(view["sample"]["seed"]), **said))
        return lines

    def outcome(self, view: View) -> list[str]:
        """What differs, in a sentence or two; where nothing was asked, how it stands."""
        one, other, moves = view["baseline"], view["counterfactual"], view["moves"]
        if other is None:
            stopped = self.say("stands", stopped=f"{one['stopped']:,}")
            lines = [stopped, self.say("days_now", before=commas(one["feature_days"]))]
            return lines + self.estimates(one)
        if moves["newly_stopped"] or moves["freed"]:
            first = self.say(
                "change",
                before=f"{one['stopped']:,}",
                after=f"{other['stopped']:,}",
                newly=f"{moves['newly_stopped']:,}",
                freed=f"{moves['freed']:,}",
            )
        else:
            first = self.say("no_change", stopped=f"{one['stopped']:,}")
        higher, lower = moves["score_higher"], moves["score_lower"]
        scores = {"higher": self.creators(higher), "lower": self.creators(lower)}
        return [
            first,
            self.say("scores", **scores) if higher or lower else self.say("same_scores"),
            self.say(
                "days", before=commas(one["feature_days"]), after=commas(other["feature_days"])
            ),
            *self.estimates(other),
        ]

    def besides(self, view: View) -> list[str]:
        """What else was asked: the other order, wrongful penalties, the two engines."""
        lines = []
        if orders := view["orders"]:
            creators = self.creators(orders["creators"])
            n = {name: f"{orders[name]:,}" for name in ("violations", "mattered", "changed")}
            lines.append(self.say("orders", creators=creators, **n))
        if wrongful := view["wrongful"]:
            names = ("points_missing", "feature_days_lost", "feature_days_in_error")
            said = {name: commas(wrongful[name]) for name in names}
            creators = self.creators(wrongful["creators"])
            lines.append(
                self.say("wrongful", cases=f"{wrongful['cases']:,}", creators=creators, **said)
            )
        check = view["check"]
        if check and check["difference"] is None:
            lines.append(self.say("same", creators=self.creators(check["creators"])))
        return lines

    def estimates(self, side: View) -> list[str]:
        """The interval for everybody, where only some were drawn."""
        if "estimates" not in side:
            return []
        low, _, high = side["estimates"]["stopped"]
        return [self.say("estimate", low=f"{low:,}", high=f"{high:,}")]


def commas(number: str) -> str:
    """`12,345.5` of `12345.5`."""
    return f"{Decimal(number):,f}"


def bins(view: View, counter: str) -> tuple[list[str], dict[str, list[int]]]:
    """Scores in at most sixteen classes of a round width: their names, and how many on each side.

    A class begins at its name and ends before the next.
    """
    sides = {name: view[name] for name in ("baseline", "counterfactual") if view[name]}
    found = {
        name: [(round(float(s) * 100), n) for s, n in side["scores"][counter]["distribution"]]
        for name, side in sides.items()
    }
    every = [score for pairs in found.values() for score, _ in pairs] or [0]
    low, high = min(every), max(every)
    width = next(w for w in _widths() if high // w - low // w < 16)
    first = low // width
    names = [f"{(first + n) * width / 100:g}" for n in range(high // width - first + 1)]
    counts = {name: [0] * len(names) for name in sides}
    for name, pairs in found.items():
        for score, number in pairs:
            counts[name][score // width - first] += number
    return names, counts


def _widths() -> Any:
    size = 50
    while True:
        yield from (size, size * 2, size * 4)
        size *= 10


def shown(value: Any) -> str:
    """A number as people read it."""
    return f"{value:,}" if isinstance(value, int) else commas(value) if value else "–"


def aligned(view: View, table: str, keys: Sequence[str]) -> list[tuple[View, View | None]]:
    """Rows of the baseline with those of the other side, the greatest sums first."""
    other = view["counterfactual"]
    found = {} if other is None else {tuple(r[k] for k in keys): r for r in other[table]}
    rows = [(row, found.get(tuple(row[k] for k in keys))) for row in view["baseline"][table]]
    if "points" in (view["baseline"][table] or [{}])[0]:
        rows.sort(key=lambda pair: -float(pair[0]["points"]))
    return rows


def pair(one: View, other: View | None, field: str) -> str:
    """A number of each side; one where they are the same."""
    before = shown(one[field])
    after = before if other is None else shown(other[field])
    return before if before == after else f"{before} → {after}"
