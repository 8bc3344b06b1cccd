"""What every log promises to one writer; `test_writers` says what it promises to many."""

import time
from collections.abc import Sequence

import pytest
from conftest import Store
from msgspec.structs import replace
from writer import at

from ledger.errors import ConflictError, InputError, RulebookError
from ledger.facts.envelope import Envelope, replay_order
from ledger.facts.types import (
    AppealGranted,
    CreatorEnrolled,
    ExamSat,
    RecoveryGranted,
    ViolationFound,
)
from ledger.log.pins import Earlier, Pins
from ledger.log.port import Log, Receipt, open_log

DAY = 86_400 * 10**6


def fact(id_: str, subject: str = "c", at: int = 1, source: str = "s") -> Envelope:
    return Envelope(source, id_, subject, at, CreatorEnrolled())


def page(count: int, subject: str = "c", start: int = 0) -> list[Envelope]:
    return [fact(f"e{n}", subject, n) for n in range(start, start + count)]


class TestAppend:
    def test_one_fact_gets_its_place_and_its_time(self, log: Log) -> None:
        before = time.time_ns() // 1000
        (receipt,) = log.append([fact("e1")])
        assert (receipt.status, receipt.position, receipt.version) == ("recorded", 1, 1)
        assert before <= receipt.recorded_at <= time.time_ns() // 1000
        kept = replace(fact("e1"), position=1, version=1, recorded_at=receipt.recorded_at)
        assert log.stream("c") == [kept]
        assert log.after(0) == [kept]
        assert log.head() == 1

    def test_nothing_is_nothing(self, log: Log) -> None:
        assert log.append([]) == []
        assert (log.head(), log.after(0), log.stream("c"), log.subjects()) == (0, [], [], [])

    def test_a_page_goes_in_whole_and_in_its_order(self, log: Log) -> None:
        facts = [fact(f"e{n}", f"c{n % 3}") for n in range(1000)]
        receipts = log.append(facts)
        assert [r.position for r in receipts] == list(range(1, 1001))
        assert [e.id for e in log.after(0)] == [e.id for e in facts]
        assert [e.version for e in log.stream("c0")] == list(range(1, 335))

    def test_what_fails_leaves_nothing(self, store: Store, log: Log) -> None:
        bad = Envelope("s", "bad", "c", 1, ExamSat("v", -1))
        with pytest.raises(InputError, match="can't be recorded"):
            log.append([fact("e1"), bad], progress=at(2))
        assert log.after(0) == []
        assert log.imports() == {}
        assert store.sql("SELECT * FROM fact_keys") == []
        assert log.append([fact("e1")])[0].version == 1

    def test_creators_are_read_together(self, log: Log) -> None:
        log.append([fact(f"e{n}", f"c{n % 3}") for n in range(12)])
        some = log.streams(["c2", "c0", "nobody"], 9)
        assert [(e.subject, e.position) for e in some] == [
            ("c0", 1), ("c0", 4), ("c0", 7), ("c2", 3), ("c2", 6), ("c2", 9),
        ]  # fmt: skip
        assert log.streams([], 12) == []
        later = log.histories("c0", 8, 4)
        assert [(e.subject, e.position) for e in later] == [
            ("c1", 2), ("c1", 5), ("c1", 8), ("c2", 3),
        ]  # fmt: skip
        assert log.places(10) == [(11, "c1"), (12, "c2")]
        assert log.places(0, 1) == [(1, "c0")]

    def test_every_type_comes_back(self, log: Log) -> None:
        from fact_strategies import envelopes
        from hypothesis import given, settings
        from hypothesis import strategies as st

        @settings(max_examples=20)
        @given(st.lists(envelopes(), max_size=8))
        def check(facts: list[Envelope]) -> None:
            head = log.head()
            receipts = log.append(facts)
            there = {(e.source, e.id): e for e in log.after(head, 10)}
            for e, r in zip(facts, receipts, strict=True):
                if r.status == "recorded":
                    kept = there[e.source, e.id]
                    place = {"position": 0, "version": 0, "recorded_at": 0}
                    assert replace(kept, **place) == replace(e, recorded_at=0)

        check()

    def test_ids_are_only_text(self, store: Store, log: Log) -> None:
        nasty = "x'); DROP TABLE stored_events; --"
        log.append([Envelope(nasty, nasty, nasty, 1, ViolationFound(nasty, "spam", "other"))])
        assert log.append([fact("e", nasty), fact("%s?:1{}", '"')])[0].version == 2
        assert log.subjects() == ['"', nasty]
        assert len(log.stream(nasty)) == 2
        assert log.stream("x' OR '1'='1") == []


def test_the_end_has_a_hash_of_all_before(log: Log) -> None:
    ends = [log.end()]
    for facts in (page(2), page(1, start=2), []):
        log.append(facts)
        ends.append(log.end())
    assert [end.position for end in ends] == [0, 2, 3, 3]
    assert len({end.hash for end in ends}) == 3


class TestExpectedVersion:
    def test_the_expected_version_is_taken(self, log: Log) -> None:
        log.append(page(2), expected_version=0)
        assert log.append(page(1, start=2), expected_version=2)[0].version == 3

    def test_another_version_is_a_conflict_and_changes_nothing(self, log: Log) -> None:
        log.append(page(2))
        with pytest.raises(ConflictError, match="at version 2, not at the expected 1"):
            log.append(page(1, start=2), expected_version=1)
        assert log.head() == 2
        assert log.append(page(1, start=2), expected_version=2)[0].version == 3

    def test_sent_again_it_is_no_conflict(self, log: Log) -> None:
        log.append(page(2), expected_version=0)
        again = log.append(page(2), expected_version=0)
        assert [r.status for r in again] == ["duplicate", "duplicate"]

    def test_it_is_about_one_creator(self, log: Log) -> None:
        with pytest.raises(InputError, match="exactly one creator"):
            log.append([fact("a", "c1"), fact("b", "c2")], expected_version=0)
        assert log.head() == 0


class TestIdempotency:
    def test_twice_is_once(self, log: Log) -> None:
        first = log.append(page(5))
        again = log.append([*page(3), fact("new"), *page(5)])
        assert [r.status for r in again] == ["duplicate"] * 3 + ["recorded"] + ["duplicate"] * 5
        assert [r.position for r in again] == [1, 2, 3, 6, 1, 2, 3, 4, 5]
        assert again[0].recorded_at == first[0].recorded_at
        assert log.head() == 6

    def test_twice_in_one_page_is_once(self, log: Log) -> None:
        receipts = log.append([fact("a"), fact("a"), fact("a", at=2)])
        assert [r.status for r in receipts] == ["recorded", "duplicate", "conflict"]
        assert [r.position for r in receipts] == [1, 1, 1]

    @pytest.mark.parametrize(
        "other",
        [
            fact("e", at=2),
            fact("e", subject="another"),
            replace(fact("e"), fact=CreatorEnrolled(level=3)),
            replace(fact("e"), fact=RecoveryGranted("2024-06")),
        ],
        ids=["time", "subject", "data", "type"],
    )
    def test_the_same_key_with_other_content_is_a_conflict(self, log: Log, other: Envelope) -> None:
        log.append([fact("e")])
        receipts = log.append([fact("before"), other, fact("behind")])
        assert [r.status for r in receipts] == ["recorded", "conflict", "recorded"]
        assert receipts[1].position == 1
        assert [e.id for e in log.after(0)] == ["e", "before", "behind"]
        assert log.stream("another") == []

    def test_other_attributes_are_no_other_content(self, log: Log) -> None:
        log.append([fact("e")])
        (again,) = log.append([replace(fact("e"), attributes={"trace": "x"}, recorded_at=5)])
        assert again.status == "duplicate"

    def test_another_source_is_another_fact(self, log: Log) -> None:
        receipts = log.append([fact("e"), fact("e", source="t"), fact("se", source="")])
        assert [r.status for r in receipts] == ["recorded"] * 3

    def test_after_opening_again(self, store: Store, log: Log) -> None:
        log.append(page(3))
        with open_log(store.url) as other:
            assert [r.status for r in other.append(page(4))] == ["duplicate"] * 3 + ["recorded"]
            assert other.append([fact("x")])[0].version == 5


class TestReading:
    def test_late_facts_are_ruled_in_replay_order(self, log: Log) -> None:
        noon = 10 * DAY
        log.append(
            [
                Envelope("s", "granted", "c", noon + DAY, AppealGranted("v1")),
                Envelope("s", "found", "c", noon, ViolationFound("v1", "spam", "other")),
                Envelope("s", "recovered", "c", noon, RecoveryGranted("1970-01")),
                Envelope("s", "enrolled", "c", 0, CreatorEnrolled()),
                Envelope("s", "at-once", "c", noon, AppealGranted("v1")),
            ]
        )
        order = [e.id for e in replay_order(log.stream("c"))]
        assert order == ["enrolled", "recovered", "found", "at-once", "granted"]

    def test_pages_follow_each_other_without_gaps(self, log: Log) -> None:
        log.append(page(25))
        seen: list[int] = []
        while more := log.after(seen[-1] if seen else 0, 10):
            seen += [e.position for e in more]
        assert seen == list(range(1, 26))

    def test_creators_come_in_the_order_of_code_points(self, log: Log) -> None:
        names = ["a", "B", "_", "é", "中", "\U0001f600", "a1", "Z"]
        log.append([fact(name, name) for name in names])
        assert log.subjects() == sorted(names)
        assert log.subjects(after="a", limit=2) == ["a1", "é"]
        assert log.subjects(after="\U0001f600") == []

    def test_ten_thousand_facts_of_one_creator(self, log: Log) -> None:
        log.append(page(10_000))
        stream = log.stream("c")
        assert [e.position for e in stream] == list(range(1, 10_001))


class TestPositions:
    def test_a_position_is_never_used_twice(self, store: Store, log: Log) -> None:
        log.append(page(5))
        column = "rowid" if store.name == "sqlite" else "notification_id"
        store.sql(f"DELETE FROM stored_events WHERE {column} >= 4")
        store.sql("DELETE FROM fact_keys WHERE position >= 4")
        assert log.append([fact("x", "other")])[0].position == 6
        with open_log(store.url) as again:
            assert again.append([fact("y", "other")])[0].position == 7

    def test_a_lost_fact_is_noticed_when_it_is_sent_again(self, store: Store, log: Log) -> None:
        from ledger.errors import StoreError

        log.append(page(2))
        store.sql("DELETE FROM stored_events WHERE originator_version = 2")
        with pytest.raises(StoreError, match="position 2 is gone"), open_log(store.url) as again:
            again.append(page(2))


class TestRecordedTimes:
    def test_a_clock_set_back_does_not_run_back_here(
        self, store: Store, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = log.append([fact("a")])[0].recorded_at
        monkeypatch.setattr(time, "time_ns", lambda: 1000)
        assert log.append([fact("b")])[0].recorded_at == first
        with open_log(store.url) as again:
            assert again.append([fact("c")])[0].recorded_at == first

    def test_a_given_time_counts_in_a_migration_only(self, log: Log) -> None:
        given = replace(fact("a"), recorded_at=77)
        assert log.append([given], trust_recorded_times=True)[0].recorded_at == 77
        stamped = log.append([replace(fact("b"), recorded_at=77), fact("d")])
        assert all(r.recorded_at > 10**15 for r in stamped)
        (without,) = log.append([fact("e")], trust_recorded_times=True)
        assert without.recorded_at >= stamped[0].recorded_at

    def test_a_given_time_never_runs_back(self, store: Store, log: Log) -> None:
        def given(id_: str, at: int) -> Envelope:
            return replace(fact(id_), recorded_at=at)

        facts = [given("a", 80), given("b", 77), given("c", 80), given("d", 99), given("a", 5)]
        receipts = log.append(facts, trust_recorded_times=True)
        assert [(r.status, r.recorded_at) for r in receipts] == [
            ("recorded", 80), ("runs back", 80), ("recorded", 80), ("recorded", 99),
            ("duplicate", 80),
        ]  # fmt: skip
        with open_log(store.url) as again:
            (late,) = again.append([given("b", 98)], trust_recorded_times=True)
        assert (late.status, late.recorded_at) == ("runs back", 99)
        assert [(e.id, e.recorded_at) for e in log.after(0)] == [("a", 80), ("c", 80), ("d", 99)]


class TestBesideTheFacts:
    def test_a_rulebook_is_pinned_at_first_use(self, store: Store, log: Log) -> None:
        assert log.pins() == {}
        log.pin("rules", "2024-07", "aa")
        log.pin("rules", "2024-07", "aa")
        log.pin("rules", "2024-09", "bb")
        assert log.pins() == {("rules", "2024-07"): "aa", ("rules", "2024-09"): "bb"}
        with (
            open_log(store.url) as again,
            pytest.raises(RulebookError, match=r"rules@2024-07 has changed .*add a new version"),
        ):
            again.pin("rules", "2024-07", "cc")
        assert log.pins()["rules", "2024-07"] == "aa"

    def test_what_a_law_says_is_pinned_with_the_facts_or_not_at_all(self, store: Store) -> None:
        asked: list[list[tuple[str, int]]] = []

        def law(before: Earlier, new: Sequence[Envelope], pins: Pins) -> Pins:
            assert len(before.streams(["c"], before.head())) == before.head()
            asked.append([(e.id, e.version) for e in new])
            return {} if pins else {("rules", e.id): "aa" for e in new}

        with open_log(store.url, law=law) as log:
            log.append([fact("a")])
            assert log.pins() == {("rules", "a"): "aa"}
            log.append([fact("a")])
            log.append([fact("a"), fact("b")])
            assert log.pins() == {("rules", "a"): "aa"}
        assert asked[-2:] == [[("a", 1)], [("b", 2)]]

    def test_a_page_that_is_not_recorded_pins_nothing(self, store: Store) -> None:
        def keep(_receipts: object, _kept: object) -> tuple[str, str]:
            raise InputError("nothing of it")

        law = {("rules", "1"): "aa"}
        with open_log(store.url, law=lambda *_: law) as log:
            with pytest.raises(InputError):
                log.append([fact("a")], progress=("import", keep))
            assert (log.head(), log.pins()) == (0, {})
            log.append([fact("a")])
            assert (log.head(), log.pins()) == (1, law)

    def test_what_an_import_keeps_is_committed_with_its_page(self, log: Log) -> None:
        assert log.imports() == {}
        for line, id_ in ((3, "file"), (3, "other"), (6, "file")):
            log.append(page(line), progress=at(line, id_))
        assert log.imports() == {"file": "6", "other": "3"}
        log.append([], progress=("file", lambda _, kept: ("", f"{kept} and done")))
        assert (log.imports("file"), log.imports()["file"]) == ({"other": "3"}, "6 and done")

    def test_an_import_hears_what_became_of_its_page_and_may_still_refuse(self, log: Log) -> None:
        heard: list[str] = []

        def refuse(receipts: list[Receipt], kept: str | None) -> tuple[str, str]:
            heard.extend(r.status for r in receipts)
            raise InputError("not like this")

        log.append([fact("a")], progress=at(1))
        with pytest.raises(InputError, match="not like this"):
            log.append([fact("a", at=2), fact("b"), fact("a")], progress=("w", refuse))
        assert heard == ["conflict", "recorded", "duplicate"]
        assert (log.head(), log.imports()) == (1, {"w": "1"})

    def test_what_is_recorded_under_a_key_is_found(self, log: Log) -> None:
        log.append([fact("a"), fact("b")])
        found = log.known([fact("b", at=9), fact("c")])
        assert {key: (e.position, r.position) for key, (e, r) in found.items()} == {
            ("s", "b"): (2, 2)
        }
