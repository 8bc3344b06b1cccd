"""The same question about everybody: who can't be judged is left out and counted."""

from collections import Counter
from collections.abc import Iterable, Iterator

from ledger.errors import NoRulebookError, RulebookError
from projections.standing.adoptions import about_creator
from projections.standing.question import Question
from projections.standing.replay import Replay

LeftOut = Counter[str]
"""{why they can't be judged: how many}."""


def everybody(
    question: Question, creators: Iterable[str], left_out: LeftOut, *, rulings: bool = False
) -> Iterator[Replay]:
    """The replay of each creator about whom a fact was known, as it is ready."""
    for creator in creators:
        envelopes = question.facts(creator)
        try:
            _, known_at = question.times(envelopes)
            if about_creator([e for e in envelopes if e.recorded_at <= known_at]):
                yield question.replay(creator, envelopes, rulings=rulings)
        except NoRulebookError as error:
            left_out[str(error)] += 1


def complain(left_out: LeftOut) -> None:
    """Raises RulebookError where somebody was left out."""
    if left_out:
        said = (f"{why}; left out for it: {count:,}" for why, count in sorted(left_out.items()))
        raise RulebookError("\n".join(said))
