"""Reasons are complete and no more than that; `scripts/campaign reasons` tries many more."""

import subprocess
from functools import cache
from itertools import islice
from random import Random
from typing import Any

import pytest
from house.sources import ROOT
from reasons import laws
from reasons.books import book, known, pattern
from reasons.changes import LEFT
from reasons.compare import Side
from reasons.laws import Sample, matters
from reasons.report import brief, runnable
from reasons.search import Result, Unit, history, units, work

from ledger.facts.types import FACT_TYPES, RulebookAdopted
from ledger.rulebook.shapes import shape

SEED, UNITS = 8, 14
Cited = list[tuple[str, str]]


@cache
def drawn() -> list[Unit]:
    return list(islice(units(SEED), UNITS))


@pytest.mark.parametrize("number", range(UNITS))
def test_what_comes_out_otherwise_first_is_cited(number: int) -> None:
    result = work(drawn()[number])
    assert result.counts["differing"]
    assert not result.defects, brief(result)


def test_histories_have_facts_of_every_type() -> None:
    """Adoptions are about rulebooks and not about creators."""
    found: set[type] = set()
    for seed, name in enumerate(("everything", "idle", "demo", "cn-driving") * 15):
        found |= {type(e.fact) for e in history(book(name), Random(seed), []).facts}
    assert set(FACT_TYPES) - found == {RulebookAdopted}


def test_figures_of_every_concept_are_changed() -> None:
    changed = {kind.partition(".")[0] for name in known() for kind in book(name).changes}
    assert changed == {field.name for field in shape().fields} - LEFT


def tried(name: str, number: int = 3) -> Result:
    result = Result()
    for unit in islice(units(SEED, name), 0, 2 * number, 2):
        result.merge(work(unit))
    return result


def found(result: Result, kind: str, path: str) -> bool:
    return any(key[0] == kind and key[1].startswith(f"{path} in ") for key in result.groups)


@pytest.mark.parametrize(
    "path", ["nodes.*.at_or_above", "categories.*.severities.*.points", "counters.*.initial"]
)
def test_a_ground_that_is_kept_back_is_missed(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    cited = Side.cited

    def forgetful(side: Side, index: int) -> Cited:
        return [one for one in cited(side, index) if pattern(one[1]) != path]

    monkeypatch.setattr(Side, "cited", forgetful)
    assert found(
        tried("super-licence" if path.startswith("n") else "per-category"), "uncited", path
    )


@pytest.mark.parametrize("path", ["nodes.8.removes", "nodes.8.no_such"])
def test_a_ground_that_is_made_up_is_seen(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    cited = Side.cited
    monkeypatch.setattr(Side, "cited", lambda side, index: [*cited(side, index), ("1", path)])
    assert found(tried("demo", 1), "false", pattern(path))


@pytest.mark.parametrize("path", ["counters.credit.initial", "exam.pass_mark"])
def test_a_ground_that_never_matters_is_noise(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(Side, "cited", lambda *_: [("1", path)])
    here, random = book("demo"), Random(SEED)
    needed = matters(here, Sample("1", path, 1), random, history(here, random, []))
    assert needed == (path == "counters.credit.initial")


def test_a_trace_that_leaves_something_out_does_not_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = laws.audit_view

    def hurried(replay: Any) -> dict[str, Any]:
        return view(replay) | {"time": []}

    monkeypatch.setattr(laws, "audit_view", hurried)
    assert tried("everything", 1).counts["sums"]


def test_a_case_can_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Side, "cited", lambda *_: [])
    case = next(case for case in tried("cn-driving", 1).cases.values() if case.kind == "uncited")
    done = subprocess.run(
        ["bash", "-e"], input=runnable(case), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "first divergence" in done.stdout
