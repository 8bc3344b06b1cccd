"""The fold's answer in the words of the cases."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from projections.fold import state
from projections.fold.state import (
    ABSENT,
    FOREVER,
    NONE,
    RUNNING,
    STANDING,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
)
from projections.standing.held import runs, taken_quotas
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import day_date, money, points, zone_info
from replay.casebook.instants import written

QUIET = {"exam_passed", "exam_failed"}
"""Said by the mark in the row already."""
STATES = {RUNNING: "running", state.SERVED: "served", state.LIFTED: "lifted"}


class Wording:
    """One replay, with the names that its numbers stand for."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.names: Naming = naming(replay)
        self.zone: ZoneInfo = zone_info(replay.rulebook.zone)

    def at(self, instant: int) -> str:
        """An instant on the rulebook's clocks."""
        return written(instant, self.zone)

    def stop(self, row: int) -> str:
        """`8 cart` by the node; `v1 cart` where a violation stops it, `lapse cart` unused."""
        stop = self.replay.creator.stops[row]
        if stop.kind == UNTIL_OPENED:
            return f"lapse {self.names.feature(stop)}"
        own = stop.node == ABSENT
        by = self.names.violations[stop.violation] if own else self.names.node_name(stop)
        return f"{by} {self.names.feature(stop)}"

    def until(self, row: int, end: int) -> str:
        """How long a stop runs."""
        stop = self.replay.creator.stops[row]
        if stop.kind == WHILE_TRIGGERED:
            return "while triggered"
        if stop.kind == UNTIL_OPENED:
            return "until opened"
        if stop.kind == state.OCCASIONS:
            return "for occasions"
        if end >= FOREVER and FOREVER in (stop.started_at, stop.planned_from):
            return "after occasions"
        return "for ever" if end >= FOREVER else f"until {self.at(end)}"

    def effects(self, items: list[tuple[int, int, int, int]]) -> str:
        """All effects in their order; the quiet end of a timed stop is left out."""
        return ", ".join(said for item in items if (said := self._effect(*item)))

    def _effect(self, effect: int, row: int, amount: int, _: int) -> str:
        creator, names = self.replay.creator, self.names
        match state.EFFECTS[effect]:
            case name if name in QUIET:
                return ""
            case "node_started":
                planned = creator.stops[row].planned_until
                return f"starts {self.stop(row)} {self.until(row, planned)}"
            case "node_lifted":
                return f"lifts {self.stop(row)}"
            case "node_moved":
                return f"moves {self.stop(row)} {self.until(row, amount)}"
            case "node_served":
                ever = creator.stops[row].planned_until >= FOREVER
                return f"ends {self.stop(row)}" if ever else ""
            case "quota_taken":
                return f"takes quota {names.categories[row]}"
            case "quota_returned":
                return f"returns quota {names.categories[row]}"
            case "measure_started":
                return f"starts measure {names.measure(creator.measures[row])}"
            case "measure_ended":
                return f"ends measure {names.measure(creator.measures[row])}"
            case "recovery_due":
                return f"awards {day_date(row)}"
            case "money_due" | "money_released" as name:
                account, currency = names.accounts[row]
                how = "due" if name == "money_due" else "releases"
                return f"{how} {account} {money(amount, currency)} {currency}"
            case "score_reset":
                return f"resets {names.counters[row]} {signed(amount)}"
            case "took_effect":
                return f"{names.violations[row]} takes effect"
            case "step_reached":
                return f"{names.violations[row]} is offence {amount}"
            case "re_judged":
                return f"{names.violations[row]} moves to step {amount}"
            case name:
                return f"{name} {points(amount)}"

    def score(self) -> str:
        """The first counter's score at as_of, `-` before enrolment."""
        creator = self.replay.creator
        return points(creator.counters[0].score) if creator.enrolled else "-"

    def truths(self) -> set[str]:
        """Every statement that a `standing` row could make at as_of."""
        said = {*self._stops(), *self._violations(), *self._quotas(), *self._measures()}
        creator, names = self.replay.creator, self.names
        for (account, currency), slot in zip(names.accounts, self._slots(), strict=True):
            row = creator.accounts[slot]
            said.add(f"account {account} posted {money(row.posted, currency)} {currency}")
            owed = money(row.demanded - row.posted, currency)
            said.add(f"account {account} owes {owed} {currency}")
        if creator.enrolled:
            for name, counter in zip(names.counters, creator.counters, strict=False):
                said.add(f"{name} {points(counter.score)}")
        return said | {self._awards()}

    def _slots(self) -> list[int]:
        return list(self.replay.history.accounts.values())

    def _stops(self) -> Iterator[str]:
        made = self.replay.creator.stops[: self.replay.creator.stops_made]
        running = [i for i, stop in enumerate(made) if stop.state == RUNNING]
        for i, stop in enumerate(made):
            if i in running:
                yield f"runs {self.stop(i)} {self.until(i, stop.until)}"
            else:
                yield f"{self.stop(i)} {STATES[stop.state]} at {self.at(stop.until)}"
        if not running:
            yield "nothing runs"

    def _violations(self) -> Iterator[str]:
        for name, slot in self.replay.history.violations.items():
            v = self.replay.creator.violations[slot]
            if v.state != NONE:
                yield f"{name} {'standing' if v.state == STANDING else 'void'}"
                yield f"{name} judged {points(v.judged)}"
                yield f"{name} restored {points(v.restored)} of {points(v.deducted)}"

    def _quotas(self) -> Iterator[str]:
        taken = dict(taken_quotas(self.replay))
        for category in self.names.categories:
            until = f" on {self.at(taken[category])[:10]}" if category in taken else ""
            yield f"quota {category} free{until}"

    def _measures(self) -> Iterator[str]:
        slots = {slot: name for name, slot in self.replay.history.violations.items()}
        for m in self.replay.creator.measures:
            if m.state != NONE:
                whose = f" of {slots[m.violation]}" if m.violation in slots else ""
                how = "runs" if runs(m, self.replay.as_of) else f"ended at {self.at(m.until)}"
                yield f"measure {self.names.measure(m)}{whose} {how}"

    def _awards(self) -> str:
        effects = [ruling.with_time for ruling in self.replay.rulings] + [self.replay.clock_effects]
        due = [
            day_date(row) for items in effects for e, row, _, _ in items if e == state.RECOVERY_DUE
        ]
        return "awarded " + " ".join(due) if due else "nothing awarded"

    def outcome(self, ruling: Ruling) -> str:
        """`-3 → 7`, `-10 of -12 → 0`, `0 → 7, unknown_violation`, `severe +4 → 4`.

        The counter is named where it is not the first.
        """
        if ruling.score_after is None or ruling.change is None:
            text = "-"
        else:
            text = f"{self.names.counters[ruling.counter]} " if ruling.counter else ""
            text += signed(ruling.change)
            if ruling.applied and abs(ruling.nominal) != abs(ruling.change) and ruling.nominal:
                text += f" of {signed(ruling.nominal)}"
            text += f" → {points(ruling.score_after)}"
        return f"{text}, {ruling.reason}" if ruling.reason else text


def signed(hundredths: int) -> str:
    """`+1.5`, `-3`, `0`."""
    return f"+{points(hundredths)}" if hundredths > 0 else points(hundredths)
