"""What `rulebook test` says: rows that came to something else, and how much the cases cover."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table

from ledger.text import safe
from replay.casebook.suites import Result


def failed_lines(results: Sequence[Result]) -> Iterator[str]:
    """Each failed row with what was expected and what came."""
    for result in results:
        for case, failed in result.failed:
            yield f"failed: {safe(case.name)}"
            for failure in failed:
                yield f"  {case.file}, line {failure.row.line}: {safe(failure.row.what)}"
                under = f"   (under {failure.rulebook})" if len(case.rulebooks) > 1 else ""
                yield f"    expected  {safe(failure.expected)}{under}"
                yield f"    got       {safe(failure.got)}"


def tallies(results: Sequence[Result]) -> Table:
    """Per rulebook and in total: cases passed, rules in their names, clauses relied on."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=len(results) > 1)
    rules = len(set().union(*(r.rules for r in results)))
    clauses = sum(len(r.clauses) for r in results)
    passed, cases = sum(r.passed for r in results), sum(r.cases for r in results)
    table.add_column("rulebook", "in all")
    for title, footer in (
        ("cases", f"{passed} of {cases} passed"),
        ("C-rows", str(rules)),
        ("clauses", str(clauses)),
    ):
        table.add_column(title, footer, justify="right", no_wrap=True)
    for r in results:
        passed_ = f"{r.passed} of {r.cases} passed"
        table.add_row(r.rulebook, passed_, str(len(r.rules)), str(len(r.clauses)))
    return table


def document(results: Sequence[Result]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "cases": sum(r.cases for r in results),
        "passed": sum(r.passed for r in results),
        "rules": sorted(set().union(*(r.rules for r in results))),
        "rulebooks": [_result(r) for r in results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "rulebook": result.rulebook,
        "cases": result.cases,
        "passed": result.passed,
        "rules": sorted(result.rules),
        "clauses": sorted(result.clauses),
        "failed": [
            {
                "case": case.name,
                "file": case.file,
                "line": failure.row.line,
                "row": failure.row.what,
                "rulebook": failure.rulebook,
                "expected": failure.expected,
                "got": failure.got,
            }
            for case, failed in result.failed
            for failure in failed
        ],
    }
