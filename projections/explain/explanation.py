"""Why a ruling is as it is: the clauses it relies on and one plain text, English and Chinese.

Rulings are explained in their order, because the middle of a history can only be explained by what
was so then; `Memory` carries that along.
"""

from collections.abc import Container

from msgspec import Struct

from projections.explain.clauses import ASSUMED, Reference, judging, relied_on
from projections.explain.memory import Memory
from projections.explain.messages import LANGUAGES
from projections.explain.scene import Scene
from projections.standing.naming import naming
from projections.standing.replay import Replay


class Explanation(Struct):
    references: list[Reference]
    text: dict[str, str]
    """By language: en, zh."""

    @property
    def clauses(self) -> list[str]:
        """The labels of the references, each once."""
        return list(dict.fromkeys(reference.label for reference in self.references))

    @property
    def assumed(self) -> list[str]:
        """Key paths of the figures that no source gives and this outcome rested on."""
        return [c.removeprefix(ASSUMED) for c in self.clauses if c.startswith(ASSUMED)]


def explain(replay: Replay, languages: tuple[str, ...] = LANGUAGES) -> list[Explanation]:
    """One explanation per ruling; the replay must have been asked for rulings."""
    memory, names = Memory(), naming(replay)
    made = []
    for ruling in replay.rulings:
        memory.begin(ruling, replay)
        scene = Scene(ruling, replay, names, memory, judging(ruling, memory, replay, names))
        references = relied_on(ruling, memory, replay, names)
        made.append(Explanation(references, _texts(scene, languages)))
        memory.learn(ruling, replay, names)
    return made


def clauses_of(replay: Replay, positions: Container[int]) -> dict[int, list[str]]:
    """{position: clauses} of some rulings only, without their sentences."""
    memory, names = Memory(), naming(replay)
    found = {}
    for ruling in replay.rulings:
        memory.begin(ruling, replay)
        if ruling.envelope.position in positions:
            references = relied_on(ruling, memory, replay, names)
            found[ruling.envelope.position] = Explanation(references, {}).clauses
        memory.learn(ruling, replay, names)
    return found


def _texts(scene: Scene, languages: tuple[str, ...]) -> dict[str, str]:
    if not languages:
        return {}
    from projections.explain.consequences import clock_parts, own_parts
    from projections.explain.phrases import sentence
    from projections.explain.sentences import main_part, refusal

    ruling = scene.ruling
    if not ruling.applied:
        parts, before = [refusal(scene)], []
        if ruling.row is not None:
            parts += own_parts(scene)
            before = clock_parts(scene, ruling.effects[: ruling.due])
    else:
        parts = [main_part(scene), *own_parts(scene)]
        before = clock_parts(scene, ruling.effects[: ruling.due])
    return {language: sentence(parts, before, language) for language in languages}


def since_last(replay: Replay, language: str) -> str:
    """What time alone has changed since the last fact, as a sentence; empty if nothing."""
    if not replay.clock_effects or not replay.rulings:
        return ""
    from projections.explain.consequences import clock_parts
    from projections.explain.phrases import Phrase, listing, say

    scene = Scene(replay.rulings[-1], replay, naming(replay), Memory(), replay.rulebook)
    parts = clock_parts(scene, replay.clock_effects)
    return say(Phrase("join.since", {"parts": listing(parts, language)}), language)


def assumed_figures(explanations: list[Explanation]) -> list[str]:
    """Every assumed figure that some outcome of a history rested on, once."""
    return list(dict.fromkeys(path for why in explanations for path in why.assumed))
