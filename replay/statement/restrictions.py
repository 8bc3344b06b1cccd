"""What a decision restricts: each stop and measure by its title, how long, what became of it."""

from ledger.rulebook.model import Rulebook, Title
from projections.explain.phrases import Phrase, Value
from projections.explain.scene import cause, kind, lasts
from projections.explain.terms import identified, measure_of, named_stop, stop_name
from projections.fold.state import (
    ABSENT,
    FOREVER,
    LIFTED,
    PERMANENT,
    RUNNING,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Stop,
)
from projections.standing.held import runs
from projections.standing.naming import Naming
from projections.standing.writing import clock_time, deadline
from replay.statement.decisions import Decision, Sanction

OPEN_ENDED = {
    PERMANENT: "permanent",
    WHILE_TRIGGERED: "while_triggered",
    UNTIL_OPENED: "until_opened",
}


class Restrictions:
    """Those of one decision, as of an instant."""

    def __init__(
        self, decision: Decision, names: Naming, rulebook: Rulebook, zone: str, as_of: int
    ) -> None:
        self.decision, self.names, self.rulebook = decision, names, rulebook
        self.zone, self.as_of = zone, as_of

    def measure(self, name: str) -> Value:
        return measure_of(name, self.rulebook)

    def _what(self, sanction: Sanction) -> Value:
        if not isinstance(sanction.what, Stop):
            return self.measure(self.names.measure(sanction.what))
        stop, feature = sanction.what, self.names.feature(sanction.what)
        title = self.names.book(stop.version).features.get(feature)
        return self._own_name(stop) or title or feature

    def _stop(self, sanction: Sanction) -> Value:
        """As it lasts or ends: the stop of a feature, or a sanction or measure by its name."""
        what = sanction.what
        if not isinstance(what, Stop):
            return self._what(sanction)
        if self._own_name(what) or kind(what, self.names) != "feature":
            return self._what(sanction)
        rulebook = self.names.book(what.version)
        return stop_name(self.names.feature(what), rulebook, for_good=what.kind == PERMANENT)

    def _of_several(self, sanction: Sanction) -> Value:
        """The same, with what brought it about where the decision brought several."""
        if len(self.decision.sanctions) == 1 or not isinstance(sanction.what, Stop):
            return self._stop(sanction)
        values: dict[str, Value] = {"what": self._stop(sanction)}
        values["cause"] = cause(sanction.what, self.names)
        return Phrase("statement.stopped.sanction", values)

    def _own_name(self, stop: Stop) -> Title | None:
        rulebook, feature = self.names.book(stop.version), self.names.feature(stop)
        return named_stop(feature, rulebook, for_good=stop.kind == PERMANENT)

    def stopped(self, sanction: Sanction) -> Value:
        values: dict[str, Value] = {"what": self._what(sanction)}
        if not isinstance(sanction.what, Stop):
            said = Phrase("statement.measure", values)
            owner = sanction.what.violation
            if owner == ABSENT or len(self.decision.violations) < 2:
                return said
            named = identified(self.names.violations[owner])
            return Phrase("statement.of", {"violation": named, "said": said})
        shape = "sanction" if self._own_name(sanction.what) else kind(sanction.what, self.names)
        if shape == "feature" and sanction.what.kind == PERMANENT:
            shape = "permanent"
        values["cause"] = cause(sanction.what, self.names)
        return Phrase(f"statement.stopped.{shape}", values)

    def lasts(self, sanction: Sanction) -> Value:
        """As it was decided."""
        what = sanction.what
        if isinstance(what, Stop):
            start, end = what.planned_from, what.planned_until
        else:
            start, end = what.started_at, self._imposed_until()
        values: dict[str, Value] = {
            "what": self._of_several(sanction),
            "from": clock_time(start, self.zone) if start < FOREVER else "",
            "until": deadline(end, self.zone) if end < FOREVER else "",
        }
        if not isinstance(what, Stop):
            return Phrase(f"statement.lasts.{'from_to' if end < FOREVER else 'open'}", values)
        if what.kind in OPEN_ENDED:
            return Phrase(f"statement.lasts.{OPEN_ENDED[what.kind]}", values)
        length = lasts(what, self.names.book(what.version))
        shape = "timed" if end < FOREVER else "occasions" if start < FOREVER else "waits"
        return Phrase(f"statement.lasts.{shape}", values | {"length": length})

    def _imposed_until(self) -> int:
        """A violation's measures stay as long as it stands."""
        given = [getattr(fact, "until", None) for fact in self.decision.facts]
        return next((until for until in given if until is not None), FOREVER)

    def now(self, sanction: Sanction) -> Value:
        what = sanction.what
        values: dict[str, Value] = {"what": self._of_several(sanction)}
        running = what.state == RUNNING if isinstance(what, Stop) else runs(what, self.as_of)
        if running:
            return Phrase("statement.now.running", values)
        values["at"] = clock_time(what.until, self.zone)
        lifted = isinstance(what, Stop) and what.state == LIFTED
        return Phrase(f"statement.now.{'lifted' if lifted else 'ended'}", values)
