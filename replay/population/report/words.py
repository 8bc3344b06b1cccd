"""What a language calls things in an answer about everybody."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.text import safe
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.standing.writing import clock_time
from replay.population.study.answer import Result
from replay.population.study.tally import LENGTHS
from replay.population.study.view import zone_of
from replay.whatif.words import Words

View = dict[str, Any]
SIDES = ("baseline", "counterfactual")


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
        return beginning(self.say(key))

    def creators(self, number: int) -> Count:
        return Count("creators", f"{number:,}")

    def named(self, **row: Any) -> str:
        """One field of a row by its title: `feature="cart"`."""
        return self.words.row(row)

    def node(self, row: View) -> str:
        """A node of a version."""
        version = row["rulebook"].partition("@")[2]
        return f"{self.named(node=row['node'])} · {safe(version)}"

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
            lines = [stopped, self.say("days_now", before=commas(one["creator_days"]))]
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
        return [
            first,
            self.scores(moves["score_higher"], moves["score_lower"]),
            self.say(
                "days", before=commas(one["creator_days"]), after=commas(other["creator_days"])
            ),
            *self.estimates(other),
        ]

    def scores(self, higher: int | None, lower: int | None) -> str:
        """Of how many the score is another."""
        if higher is None or lower is None:
            return self.say("other_scores")
        if not (higher or lower):
            return self.say("same_scores")
        return self.say("scores", higher=self.creators(higher), lower=self.creators(lower))

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


def beginning(text: str) -> str:
    """As at the beginning of a heading."""
    return text[:1].upper() + text[1:]


def commas(number: str) -> str:
    """`12,345.5` of `12345.5`."""
    return f"{Decimal(number):,f}"


def bins(view: View, counter: str) -> tuple[list[str], dict[str, list[int]]]:
    """Scores in at most sixteen classes of a round width: their names, and how many on each side.

    A class begins at its name and ends before the next.
    """
    sides = {s: view[s] for s in SIDES if view[s] and counter in view[s]["scores"]}
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


class Row(NamedTuple):
    """The same thing on both sides; None where one does not have it."""

    before: View | None
    after: View | None

    @property
    def any(self) -> View:
        """The side that there is."""
        found = self.before or self.after
        assert found is not None
        return found

    def pair(self, field: str) -> str:
        """A number of each side; one where they are the same."""
        before, after = ("–" if side is None else shown(side[field]) for side in self)
        return before if before == after else f"{before} → {after}"


def aligned(view: View, table: str, keys: Sequence[str]) -> list[Row]:
    """Rows of both sides; those with points by the points, the most first."""
    one, other = ({_key(r, keys): r for r in (view[s] or {table: []})[table]} for s in SIDES)
    if view["counterfactual"] is None:
        other = one
    rows = [Row(one.get(key), other.get(key)) for key in dict.fromkeys((*one, *other))]
    if rows and "points" in rows[0].any:
        rows.sort(key=lambda row: -float(row.any["points"]))
    return rows


def _key(row: View, keys: Sequence[str]) -> tuple[object, ...]:
    """A version with other figures is the same version."""
    return tuple(v.rstrip("+") if isinstance(v := row[key], str) else v for key in keys)


def counters(view: View) -> list[str]:
    """Of both sides."""
    sides = (view[side] for side in SIDES if view[side])
    return list(dict.fromkeys(name for side in sides for name in side["scores"]))
