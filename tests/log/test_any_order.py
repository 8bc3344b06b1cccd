"""Late, twice, in any order, by two writers: the law is a dict that keeps the first."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from servers import Postgres

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled, RecoveryGranted
from ledger.log.port import Log, open_log

FACTS = st.builds(
    Envelope,
    source=st.sampled_from(["s", "t"]),
    id=st.integers(0, 12).map(str),
    subject=st.sampled_from(["a", "b", "c"]),
    effective_at=st.integers(0, 2),
    fact=st.sampled_from([CreatorEnrolled(), RecoveryGranted("2024-06"), CreatorEnrolled(level=1)]),
)


def content(e: Envelope) -> tuple[object, ...]:
    return e.subject, e.effective_at, e.fact


class Machine(RuleBasedStateMachine):
    """Two handles on one log stand for two processes; `model` is what must be there, in order."""

    server: Postgres | None = None

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        server = type(self).server
        self.url = server.database() if server else f"sqlite:///{self.home}/ledger.db"
        self.logs: list[Log] = [open_log(self.url, create=True) for _ in range(2)]
        self.model: dict[tuple[str, str], Envelope] = {}

    @rule(facts=st.lists(FACTS, max_size=6), who=st.integers(0, 1))
    def append(self, facts: list[Envelope], who: int) -> None:
        receipts = self.logs[who].append(facts)
        for e, receipt in zip(facts, receipts, strict=True):
            key = e.source, e.id
            if key not in self.model:
                assert receipt.status == "recorded"
                self.model[key] = e
            elif content(self.model[key]) == content(e):
                assert receipt.status == "duplicate"
            else:
                assert receipt.status == "conflict"
            assert receipt.position == 1 + list(self.model).index(key)

    @rule(who=st.integers(0, 1))
    def open_again(self, who: int) -> None:
        self.logs[who].close()
        self.logs[who] = open_log(self.url)

    @invariant()
    def the_log_is_the_model(self) -> None:
        kept = self.logs[0].after(0)
        assert [content(e) for e in kept] == [content(e) for e in self.model.values()]
        assert [e.position for e in kept] == list(range(1, len(self.model) + 1))
        assert [e.recorded_at for e in kept] == sorted(e.recorded_at for e in kept)
        subjects = self.logs[1].subjects()
        assert subjects == sorted({e.subject for e in kept})
        for subject in subjects:
            stream = self.logs[1].stream(subject)
            assert stream == [e for e in kept if e.subject == subject]
            assert [e.version for e in stream] == list(range(1, len(stream) + 1))

    def teardown(self) -> None:
        for log in self.logs:
            log.close()
        shutil.rmtree(self.home)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_the_log_is_a_dict_that_keeps_the_first(
    backend: str, request: pytest.FixtureRequest
) -> None:
    class OnThis(Machine):
        server = request.getfixturevalue("postgres_server") if backend != "sqlite" else None

    examples = 30 if backend == "sqlite" else 8
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OnThis, settings=settings(max_examples=examples, stateful_step_count=12, deadline=None)
    )
