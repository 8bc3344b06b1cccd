"""A rulebook of stops that wait, stand in for others, last with the score, or count occasions."""

from pathlib import Path

from samples import Line, envelopes, when

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library, Replay, replay

BOOK = """
name = "told"
version = "1"
in_force_from = 2020-01-01
zone = "Asia/Shanghai"
title = {{ en = "Told", zh = "所述" }}
assumed = true
note = "made up"
crossing = "deepest"
overlap = "{overlap}"
[counters.credit]
direction = "balance"
initial = 10
cap = 10
[counters.tally]
direction = "tally"
initial = 0
[features]
live = {{ en = "live streaming", zh = "直播" }}
video_self_only = {{ en = "videos visible to the creator only", zh = "视频仅个人主页可见" }}
[categories.offence]
counter = "credit"
title = {{ en = "An offence", zh = "违规" }}
points = 7
not_after = {{ days = 30 }}
[categories.slip]
counter = "credit"
title = {{ en = "A slip", zh = "失误" }}
points = 1
[categories.red]
counter = "credit"
title = {{ en = "A red card", zh = "红牌" }}
points = 0
stops = [{{ feature = "live", occasions = 2 }}]
[categories.doping]
counter = "credit"
title = {{ en = "Doping", zh = "兴奋剂" }}
points = 0
stops = [{{ feature = "live", months = 1 }}]
[categories.fraud]
counter = "credit"
title = {{ en = "Fraud", zh = "欺诈" }}
points = 0
stops = [{{ feature = "live", permanent = true }}]
[categories.insult]
counter = "credit"
title = {{ en = "An insult", zh = "侮辱" }}
points = 0
stops = [{{ feature = "live", occasions = 1 }}]
[ladders.insults]
categories = ["insult"]
after_void = "re_judged"
steps = [{{ nth = 2, stops = [{{ feature = "live", occasions = 3 }}] }}]
[categories.counted]
title = {{ en = "A counted one", zh = "计数" }}
counter = "tally"
points = 1
[nodes.8]
counter = "credit"
below = 8
stops = [{{ feature = "live", {shallow} }}]
lifted_by = ["appeal"]
[nodes.4]
counter = "credit"
{deep_limit}
stops = [{{ feature = "live", {deep} }}]
lifted_by = ["appeal"]
[nodes.t]
counter = "tally"
at_or_above = 1
removes = 1
stops = [{{ feature = "video_self_only", {tally} }}]
lifted_by = ["appeal"]
[recovery]
counter = "credit"
cadence = "monthly"
points = 8
"""


def found(at: str, name: str, category: str = "offence", **more: object) -> Line:
    return f"2023-{at}", f.ViolationFound(name, category, "other", **more)  # type: ignore[arg-type]


def granted(at: str, name: str, points: int | None = None) -> Line:
    return f"2023-{at}", f.AppealGranted(name, points)


FIRST = found("03-01 10:00", "v1")
PART = granted("03-02 10:00", "v1", 200)
REDS = [found("02-27 10:00", "r1", "red"), found("02-28 10:00", "r2", "red")]
RED, SECOND = REDS
BACK: Line = ("2023-04-01 00:00", f.RecoveryGranted("2023-03"))


def book(
    deep: str = "days = 30",
    shallow: str = "days = 3",
    overlap: str = "max",
    *,
    tally: str = "days = 1",
    deep_limit: str = "below = 4",
) -> str:
    return BOOK.format(
        deep=deep, shallow=shallow, overlap=overlap, tally=tally, deep_limit=deep_limit
    )


WHILE, OCCASIONS = "while_triggered = true", "occasions = 2"


def asked(folder: Path, rules: str, lines: list[Line], as_of: str | None = None) -> Replay:
    (folder / "told").mkdir()
    (folder / "told" / "1.toml").write_text(rules, encoding="utf-8")
    start: Line = ("2023-02-01 09:00", f.CreatorEnrolled(rulebook="told"))
    at = when(as_of or lines[-1][0])
    facts = envelopes([start, *lines])
    return replay("mei", facts, Library(Shelf([folder])), as_of=at, known_at=at, rulings=True)
