"""Whatever a `Ledger` is asked, it is asked about two times."""

from projections.standing.question import Question
from replay.library.scenarios import Time, moment


class Asking:
    """A log that is open with its rulebooks."""

    _question: Question

    def _at(self, as_of: Time | None, known_at: Time | None) -> Question:
        times = (None if time is None else moment(time) for time in (as_of, known_at))
        return self._question.at(*times)
