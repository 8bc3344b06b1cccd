"""The worked example of the rules on exams in place of penalties (2024-07-06, §10), as shipped.

A creator falls to 7 and product sharing stops for a day. An exam that restores 0.5 leaves the stop,
one that restores 1.5 lifts it. Exam and appeal may come in either order: both end at 10, and the
exam right is free in both.
"""

from pathlib import Path
from typing import Any

from demo_parts.checks import EXAMPLES, Checks, audits, bring_in
from rich.console import Console
from rich.markup import escape
from rich.table import Table

EVENING, LATER = "2024-08-06T20:00:00+08:00", "2024-08-31T00:00:00+08:00"
STOPPED, EXAM, UNTIL = (f"2024-08-0{at}:00:00+08:00" for at in ("6T12", "6T18", "7T12"))
TITLES = {
    "ada": "§10(1), first example: the score falls to 7, an exam restores 0.5",
    "bo": "§10(1), second example: the same, but the exam restores 1.5",
    "mei": "§10(3): first the exam, then the appeal",
    "lin": "§10(3): first the appeal, then the exam",
}


def show(console: Console, checks: Checks, folder: Path) -> None:
    console.rule("[bold]Exams in place of penalties")
    db = f"sqlite:///{folder}/exams.db"
    bring_in(db, *sorted((EXAMPLES / "exam-in-place").glob("*.jsonl")))
    evening, later = audits(db, EVENING), audits(db, LATER)
    for name, title in TITLES.items():
        console.print(history(title, later[name]))
        console.print(f"at 20:00 that day: {outcome(evening[name])}")
        console.print(f"on 31 August:      {outcome(later[name])}\n")
    check(checks, evening, later)


def check(checks: Checks, evening: dict[str, Any], later: dict[str, Any]) -> None:
    for name, score, state, end in (
        ("ada", "7.5", "running", UNTIL),
        ("bo", "8.5", "lifted", EXAM),
    ):
        fallen = evening[name]["rulings"][5]
        standing = evening[name]["standing"]
        [stop] = standing["sanctions"]
        checks.equal(f"{name}: score after the violation", fallen["score_after"], "7")
        checks.equal(f"{name}: stop begins", stop["from"], STOPPED)
        checks.equal(f"{name}: score after the exam", standing["score"], score)
        checks.equal(f"{name}: stop", (stop["state"], stop["until"]), (state, end))
        checks.equal(f"{name}: later on", later[name]["standing"]["score"], score)
    first = evening["mei"]["standing"]
    quota = [{"category": "misleading", "available_from": "2024-09-05T00:00:00+08:00"}]
    checks.equal("exam first: score after it", first["score"], "8.5")
    checks.equal("exam first: exam right taken", first["exam_quota"], quota)
    checks.equal("exam first: video stays", first["measures"][0]["state"], "running")
    last = later["lin"]["rulings"][-1]
    checks.equal("exam last: its effect", last["outcome"], "no_effect")
    checks.equal("exam last: why", last["reason"], "closed_by_appeal")
    for name in ("mei", "lin"):
        standing = later[name]["standing"]
        checks.equal(f"{name}: score", standing["score"], "10")
        checks.equal(f"{name}: exam right is free", standing["exam_quota"], [])
        checks.equal(f"{name}: stop", standing["sanctions"][0]["state"], "lifted")
        checks.equal(f"{name}: video", standing["measures"][0]["state"], "ended")


def history(title: str, audit: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", expand=True)
    for column, right in (("when", 0), ("fact", 0), ("change", 1), ("score", 1), ("effect", 0)):
        table.add_column(column, justify="right" if right else "left", no_wrap=column == "when")
    for ruling in audit["rulings"]:
        change = ruling["change"]
        table.add_row(
            ruling["effective_at"][:16].replace("T", " "),
            ruling["type"],
            "" if change in {"0", None} else f"{'' if change[0] == '-' else '+'}{change}",
            ruling["score_after"],
            escape(effect(ruling)),
        )
    return table


def effect(ruling: dict[str, Any]) -> str:
    if ruling["outcome"] == "no_effect":
        return f"none: {ruling['reason']}"
    said = []
    for one in ruling["effects"]:
        about = one.get("feature") or one.get("measure") or one.get("category") or ""
        until = f" until {one['until'][:16].replace('T', ' ')}" if one.get("until") else ""
        said.append(f"{one['kind']} {about}{until}".strip())
    return "; ".join(said)


def outcome(audit: dict[str, Any]) -> str:
    standing = audit["standing"]
    stops = ", ".join(
        f"{s['feature']} {s['state']} (until {s['until'][:16].replace('T', ' ')})"
        for s in standing["sanctions"]
    )
    quota = ", ".join(q["category"] for q in standing["exam_quota"]) or "none"
    return f"score {standing['score']}; {stops}; exam rights in use: {quota}"
