"""Stops that follow each other leave no time between them, whatever is lifted in between."""

from random import Random

from law.reading import ruled, when

from ledger.facts import types as f
from model.histories import DAY, HOUR, enveloped
from projections.fold.state import LIFTED, RUNNING

START = when("2023-02-01 08:00")
LENGTH = 2 * DAY
LIVES = 300


def life(random: Random) -> list[tuple[int, f.Fact]]:
    facts: list[tuple[int, f.Fact]] = [(START, f.CreatorEnrolled("waiting"))]
    at, names = START, []
    for n in range(random.randrange(2, 20)):
        at += random.randrange(1, 40) * HOUR
        if names and random.random() < 0.4:
            facts.append((at, f.AppealGranted(random.choice(names))))
        else:
            names.append(f"v{n}")
            facts.append((at, f.ViolationFound(names[-1], "insult", "other")))
    return facts


def test_what_waits_begins_as_the_one_before_it_ends_and_is_served_in_full() -> None:
    random = Random(1)
    for _ in range(LIVES):
        facts = life(random)
        now = facts[-1][0]
        creator = ruled(enveloped(facts), now).creator
        made = creator.stops[: creator.stops_made]
        assert all(s.decided_at <= s.started_at <= s.planned_from for s in made)
        assert all(s.until - s.started_at == LENGTH for s in made if s.state != LIFTED)
        running = [s for s in made if s.state == RUNNING]
        begin = [now, *(s.until for s in running)]
        assert all(s.started_at <= b for s, b in zip(running, begin[:1], strict=False))
        assert [s.started_at for s in running[1:]] == begin[1 : len(running)]
