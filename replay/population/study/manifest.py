"""What an answer was made from: enough to make the same again, and to see that it is the same."""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from projections.standing.writing import instant, instant_or_none
from replay.population.study.answer import Result

PACKAGES = ("penalty-ledger", "numpy", "llvmlite")
View = dict[str, Any]


def manifest_view(result: Result) -> View:
    """The log, the rules, what was asked, and the program."""
    asked, times = result.asked, result.times
    zone = result.reforms.baseline.rulebooks[-1].zone
    rules = {r.label: r.hash for reform in result.reforms.every[:2] for r in reform.rulebooks}
    view = {
        "log": {"head": times.until, "hash": result.log_hash},
        "rulebooks": rules,
        "scenario": asked.scenario.hash,
        "sweep": [f"{s.key}={s.values[0]}..{s.values[-1]} ({len(s.values)})" for s in asked.sweeps],
        "rulebook": asked.name,
        "where": [str(condition) for condition in asked.where],
        "sample": asked.sample,
        "seed": asked.seed,
        "as_of": instant(times.as_of, zone),
        "known_at": instant_or_none(times.known_at, zone),
        "versions": {"python": platform.python_version(), **_versions()},
    }
    text = msgspec.json.encode(view, order="sorted")
    return view | {"hash": hashlib.sha256(text).hexdigest()}


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
