"""Why a ruling is as it is: the clauses it relies on and one plain text, English and Chinese.

The law has said its grounds as it decided (`fold.trace`): here each is looked up in the rulebook,
and the effects become a sentence.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from ledger.facts.types import AppealGranted
from projections.explain.grounds import LEDGER, Places, Reference, asked, in_force, references
from projections.explain.messages import LANGUAGES, table
from projections.explain.record import Record
from projections.explain.scene import Scene, overrides
from projections.fold.calendar import local_day
from projections.fold.recovery import version_at
from projections.fold.state import ABSENT, CLOSES_BATCH, NONE, VIOLATION_FOUND
from projections.fold.trace import Ground, Turn
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay, Ruling, in_order
from projections.standing.writing import clock_time


class Explanation(Struct):
    references: list[Reference]
    grounds: list[Ground]
    """All that was asked, in the law's order; then which version ruled, by which date."""
    text: dict[str, str]
    """By language: en, zh."""

    @property
    def clauses(self) -> list[str]:
        """The labels of the references, each once."""
        return labels(self.references)


def labels(references: Iterable[Reference]) -> list[str]:
    """Each label once."""
    return list(dict.fromkeys(reference.label for reference in references))


class Explainer:
    """Explains the rulings of one replay, which must have been asked for rulings."""

    def __init__(
        self,
        replay: Replay,
        languages: tuple[str, ...] = LANGUAGES,
        names: Naming | None = None,
        *,
        headed: bool = False,
    ) -> None:
        """`headed`: each text stands below its instant, and does not say it again."""
        self.replay, self.languages, self.headed = replay, languages, headed
        self.names = naming(replay) if names is None else names
        self.places = Places(self.names)

    @cached_property
    def record(self) -> Record:
        """What is said elsewhere of the same violation."""
        return Record(self.replay.rulings)

    def event(self, event: Ruling | Turn) -> Explanation:
        return self.turn(event) if isinstance(event, Turn) else self.ruling(event)

    def ruling(self, ruling: Ruling) -> Explanation:
        scene = Scene(
            self.replay,
            self.names,
            self.places,
            ruling.rulebook,
            ruling.effects,
            ruling.grounds,
            self.record,
            ruling.ends,
            ruling,
            self._looks.get(id(ruling), ()),
            self.batch(ruling),
        )
        grounds = asked(ruling, self.names)
        said = ruling.envelope.effective_at if self.headed else ABSENT
        return Explanation(self.relied(ruling), grounds, _texts(scene, self.languages, said))

    def relied(self, ruling: Ruling) -> list[Reference]:
        """What a ruling relies on."""
        found = references(ruling.grounds, self.places, ruling)
        if isinstance(ruling.envelope.fact, AppealGranted) and overrides(ruling, self.record):
            found.append(Reference(LEDGER + DECIDES))
        return found

    def batch(self, ruling: Ruling) -> tuple[int, ...]:
        """The violations that were found together with its own, where it is one of several."""
        if ruling.row is None or ruling.row.batch == ABSENT:
            return ()
        together = self._batches[ruling.row.batch, ruling.row.at]
        return tuple(slot for _, slot in sorted(together)) if len(together) > 1 else ()

    @cached_property
    def _batches(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """{batch and instant: the violations found then, as order and slot}, gathered once."""
        found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for slot, violation in enumerate(self.replay.creator.violations):
            if violation.state != NONE and violation.batch != ABSENT:
                found[violation.batch, violation.found_at].append((violation.order, slot))
        return found

    @cached_property
    def _looks(self) -> dict[int, tuple[int, ...]]:
        """{ruling: the violations, by slot, after whose points a score is looked at with it}.

        Not of one that stands alone; what follows one without effect is a turn, and says it.
        """
        looks: dict[int, tuple[int, ...]] = {}
        at, since = ABSENT, list[int]()
        for ruling in self.replay.rulings:
            row = ruling.row
            if row is None or row.kind != VIOLATION_FOUND:
                continue
            if row.at != at:
                at, since = row.at, []
            since += [row.violation] if ruling.applied else []
            if row.traits & CLOSES_BATCH:
                if ruling.applied and len(since) > 1:
                    looks[id(ruling)] = tuple(since)
                since = []
        return looks

    def with_time(self, ruling: Ruling, turns: Sequence[Turn] | None = None) -> Explanation:
        """A ruling, after what time did since the ruling before, or `turns` of that."""
        turns = ruling.turns if turns is None else turns
        told = [*map(self.turn, turns), self.ruling(ruling)]
        return Explanation(
            [reference for why in told for reference in why.references],
            [ground for why in told for ground in why.grounds],
            {language: _one_text(told, language) for language in self.languages},
        )

    def turn(self, turn: Turn) -> Explanation:
        """What time did at one instant."""
        book = self.replay.tables.book
        rulebook = self.names.book(version_at(turn.at, book))
        scene = Scene(
            self.replay,
            self.names,
            self.places,
            rulebook,
            turn.effects,
            turn.grounds,
            self.record,
            turn.ends,
            together=turn.together,
        )
        grounds = list(turn.grounds)
        if book.version_count > 1:
            grounds += in_force(turn.grounds, local_day(turn.at, book), turn.at, book)
        relied = references(turn.grounds, self.places)
        said = turn.at if self.headed else ABSENT
        return Explanation(relied, grounds, _texts(scene, self.languages, said))


DECIDES = "the authority decides"
"""A grant is honoured whether or not the appeal was in time, or denied before."""
Event = tuple[Ruling | Turn, Explanation]


def story(
    replay: Replay, languages: tuple[str, ...] = LANGUAGES, *, headed: bool = False
) -> Iterator[Event]:
    """Rulings and what time did between them, in their order; they sum to the standing."""
    explainer = Explainer(replay, languages, headed=headed)
    for event in in_order(replay):
        yield event, explainer.event(event)


def explain(replay: Replay, languages: tuple[str, ...] = LANGUAGES) -> list[Explanation]:
    """One explanation per ruling."""
    explainer = Explainer(replay, languages)
    return [explainer.ruling(ruling) for ruling in replay.rulings]


def clauses_of(
    replay: Replay, positions: Container[int], names: Naming | None = None
) -> dict[int, list[str]]:
    """{position: clauses} of some rulings only, without their sentences."""
    explainer = Explainer(replay, (), names)
    return {
        ruling.envelope.position: labels(explainer.relied(ruling))
        for ruling in replay.rulings
        if ruling.envelope.position in positions
    }


def _texts(scene: Scene, languages: tuple[str, ...], said: int) -> dict[str, str]:
    """By language; `said`: the instant that is said above."""
    if not languages:
        return {}
    from projections.explain.consequences import clock_parts, own_parts
    from projections.explain.phrases import dated, sentence
    from projections.explain.refusals import refusals
    from projections.explain.sentences import main_part

    above = "" if said == ABSENT else clock_time(said, scene.zone)
    if scene.ruled is None:
        parts = dated(clock_parts(scene), above)
        return {language: sentence([parts], language) for language in languages}
    if scene.ruled.applied:
        sentences = [[main_part(scene), *own_parts(scene)]]
    else:
        sentences = [[phrase] for phrase in refusals(scene)]
        if scene.ruled.row is not None:
            sentences[-1] += own_parts(scene)
    sentences = [dated(parts, above) for parts in sentences]
    return {language: sentence(sentences, language) for language in languages}


def since_last(replay: Replay, language: str) -> str:
    """What time alone has changed since the last fact, in sentences; empty if nothing."""
    explainer = Explainer(replay, (language,))
    return _one_text([explainer.turn(turn) for turn in replay.turns], language)


def _one_text(told: Sequence[Explanation], language: str) -> str:
    return str(table(language)["join.sentence"]).join(why.text[language] for why in told)
