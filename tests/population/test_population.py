"""The sums about everybody are the sums of each creator's replay."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from projections.fold.state import DAY, STANDING
from projections.standing.executed import by_feature, judged
from projections.standing.moments import read_moment
from projections.standing.question import Question
from projections.standing.replay import Replay
from projections.standing.spans import total
from projections.views.windows import longest
from replay.cli import main
from replay.population import needs
from replay.whatif.outcome import suspended
from replay.whatif.world import World, world_of

WHEN = "2025-12-31"


def run(crowd: str, *words: str) -> Result:
    done = CliRunner(env={"COLUMNS": "120"}).invoke(
        main, ["--db", crowd, "population", "--as-of", WHEN, *words]
    )
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def asked(crowd: str, *words: str) -> dict[str, Any]:
    done = run(crowd, *words, "--json")
    assert done.exit_code == 0, done.output
    view: dict[str, Any] = json.loads(done.output)
    return view


@pytest.fixture(scope="session")
def worlds(crowd: str) -> Iterator[list[World]]:
    with Question(crowd, (), read_moment(WHEN)) as question:
        yield [world_of(question, name) for name in question.creators() if name != "shop"]


def stopped(replay: Replay) -> bool:
    return any(stop.started_at <= replay.as_of for stop in longest(replay.creator))


def days(replays: list[Replay]) -> str:
    """Of all features, as the answer has it."""
    spans = [(by_feature(judged(r)), r.as_of) for r in replays]
    micro = sum(total((a, min(b, at)) for a, b in f) for each, at in spans for f in each.values())
    return in_days(micro)


def in_days(micro: int) -> str:
    return f"{Decimal((micro * 100 + DAY // 2) // DAY) / 100:f}".rstrip("0").rstrip(".")


def same_side(side: dict[str, Any], replays: list[Replay]) -> None:
    scores = Counter(str(Decimal(r.creator.counters[0].score) / 100) for r in replays)
    assert dict(side["scores"]["credit"]["distribution"]) == scores
    assert side["stopped"] == sum(map(stopped, replays))
    assert side["feature_days"] == days(replays)
    assert side["creator_days"] == in_days(sum(map(suspended, replays)))
    assert sum(row["crossed"] for row in side["nodes"]) == sum(
        r.creator.crossings_made for r in replays
    )
    standing = [v for r in replays for v in r.creator.violations if v.state == STANDING]
    assert sum(row["violations"] for row in side["categories"]) == len(standing)
    for table in ("cohorts", "levels"):
        assert sum(row["creators"] for row in side[table]) == len(replays)
        assert sum(row["stopped"] for row in side[table]) == side["stopped"]


REFORMS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "a figure": (["--set", "nodes.8.below=9"], {"changes": {"nodes.8.below": "9"}}),
    "points": (
        ["--set", "categories.off_topic_goods.points=1.5"],
        {"changes": {"categories.off_topic_goods.points": "1.5"}},
    ),
    "one version": (
        ["--rulebook", "douyin-creator@2024-09"],
        {"rulebook": "douyin-creator@2024-09"},
    ),
    "other names": (["--rulebook", "douyin-merchant"], {"rulebook": "douyin-merchant"}),
}


@pytest.mark.parametrize("name", REFORMS)
def test_both_sides_are_the_sums_of_replays(crowd: str, worlds: list[World], name: str) -> None:
    words, reform = REFORMS[name]
    view = asked(crowd, *words)
    before = [world.replay() for world in worlds]
    after = [world.reformed(**reform).replay() for world in worlds]
    assert view["creators"] == len(worlds)
    assert view["left_out"] == {"douyin-merchant": 1}
    same_side(view["baseline"], before)
    if name != "other names":
        same_side(view["counterfactual"], after)
    pairs = [(stopped(a), stopped(b)) for a, b in zip(before, after, strict=True)]
    moves = view["moves"]
    assert moves["newly_stopped"] == pairs.count((False, True))
    assert moves["freed"] == pairs.count((True, False))
    assert sum(map(sum, moves["matrix"])) == len(worlds)
    first = [(a.creator.counters[0].score, b.creator.counters[0].score)
             for a, b in zip(before, after, strict=True)]  # fmt: skip
    if name != "other names":
        assert moves["score_higher"] == sum(b > a for a, b in first)
        assert moves["score_lower"] == sum(b < a for a, b in first)
    assert moves["newly_stopped"] + moves["freed"] > 0 or name == "points"


def test_recoveries_as_due(crowd: str, worlds: list[World]) -> None:
    from msgspec.structs import replace

    view = asked(crowd, "--recoveries", "due")
    same_side(view["baseline"], [world.replay() for world in worlds])
    due = [replace(world, simulate=True).replay() for world in worlds]
    same_side(view["counterfactual"], due)


def test_a_sweep_is_a_question_for_each_point(crowd: str) -> None:
    key, other = "nodes.8.below", "categories.off_topic_goods.points"
    view = asked(crowd, "--sweep", f"{key}=7:9:1", "--sweep", f"{other}=0.5:1:0.5")
    assert view["counterfactual"] is None
    assert [k["in_force"] for k in view["sweep"]["keys"]] == ["8", "0.5"]
    points = view["sweep"]["points"]
    assert [tuple(p["values"].values()) for p in points] == [
        (a, b) for a in ("7", "8", "9") for b in ("0.5", "1")
    ]
    for point in (points[0], points[5]):
        words = [w for k, v in point["values"].items() for w in ("--set", f"{k}={v}")]
        alone = asked(crowd, *words)
        side, moves = alone["counterfactual"], alone["moves"]
        assert (point["stopped"], point["creator_days"]) == (side["stopped"], side["creator_days"])
        assert (point["newly_stopped"], point["freed"]) == (moves["newly_stopped"], moves["freed"])
        assert point["mean_score"] == side["scores"]["credit"]["mean"]
    assert points[2]["newly_stopped"] == points[2]["freed"] == 0  # the rules in force


WHERE = {
    "level>=4": lambda r: r.creator.level >= 4,
    "violations>5": lambda r: sum(v.state == STANDING for v in r.creator.violations) > 5,
    "score<8": lambda r: r.creator.counters[0].score < 800,
    "score=7.5": lambda r: r.creator.counters[0].score == 750,
    "stopped=any": stopped,
    "stopped!=any": lambda r: not stopped(r),
    "cohort=2021": lambda r: 18628 <= r.creator.enrolled_on < 18993,
    "category=fraud": lambda r: any(
        v.state == STANDING and r.tables.names.categories["fraud"] == v.category
        for v in r.creator.violations
    ),
}


@pytest.mark.parametrize("condition", WHERE)
def test_a_condition_chooses_by_the_rules_in_force(
    crowd: str, worlds: list[World], condition: str
) -> None:
    view = asked(crowd, "--where", condition, "--set", "nodes.8.below=9")
    replays = [world.replay() for world in worlds]
    chosen = [n for n, r in enumerate(replays) if WHERE[condition](r)]
    assert view["creators"] == len(chosen) > 0
    assert view["elsewhere"] == len(worlds) - len(chosen)
    same_side(view["baseline"], [replays[n] for n in chosen])
    reformed = [worlds[n].reformed(changes={"nodes.8.below": "9"}).replay() for n in chosen]
    same_side(view["counterfactual"], reformed)


def test_a_sample_is_the_same_for_a_seed_and_holds_what_is_so(crowd: str) -> None:
    whole = asked(crowd)["baseline"]
    one, again = (asked(crowd, "--sample", "60", "--seed", "3") for _ in range(2))
    assert one == again
    assert one["sample"] == {"drawn": 60, "of": 121, "seed": 3, "confidence": 95}
    held = 0
    for seed in range(12):
        estimates = asked(crowd, "--sample", "60", "--seed", str(seed))["baseline"]["estimates"]
        low, middle, high = estimates["stopped"]
        assert low <= middle <= high
        held += low <= whole["stopped"] <= high
    assert held >= 10
    every = asked(crowd, "--sample", "121")["baseline"]["estimates"]
    assert every["stopped"] == [whole["stopped"]] * 3


def test_who_moved_is_listed(crowd: str, tmp_path: Path) -> None:
    file = tmp_path / "moved.csv"
    view = asked(crowd, "--set", "nodes.8.below=9", "--list", str(file))
    head, *rows = file.read_text("utf-8").splitlines()
    assert head == "creator,change,score_before,score_after,features,until"
    assert len(rows) == view["moves"]["newly_stopped"] + view["moves"]["freed"] > 0
    manifest = json.loads((tmp_path / "moved.csv.manifest.json").read_text("utf-8"))
    assert manifest == view["manifest"]
    before = file.read_bytes()
    asked(crowd, "--set", "nodes.8.below=9", "--list", str(file))
    assert file.read_bytes() == before


def test_the_list_as_parquet_is_that_as_csv(crowd: str, tmp_path: Path) -> None:
    words = ("--set", "nodes.8.below=9", "--list")
    view = asked(crowd, *words, str(tmp_path / "moved.parquet"))
    asked(crowd, *words, str(tmp_path / "moved.csv"))
    table = parquet.read_table(tmp_path / "moved.parquet")
    assert json.loads(table.schema.metadata[b"manifest"]) == view["manifest"]
    head, *rows = csv.reader((tmp_path / "moved.csv").read_text("utf-8").splitlines())
    assert table.column_names == head
    assert [[each or "" for each in row.values()] for row in table.to_pylist()] == rows


DROP = '[[step]]\nname = "less"\ndrop = "e-1"\n'
REFUSED = {
    ("--set", "nodes.8.belw=9"): (4, 'did you mean "nodes.8.below"?'),
    ("--set", "nodes.8.below"): (3, "--set KEY=VALUE is needed"),
    ("--set", "nodes.8.below=x"): (4, "is needed"),
    ("--sweep", "nodes.8.belw=1:2:1"): (4, 'did you mean "nodes.8.below"?'),
    ("--sweep", "nodes.8.below=0:10:0.00001"): (3, "takes 1,000,001 values; 1,000 are the most"),
    ("--sweep", "nodes.8.below=1:2"): (3, "a sweep is KEY=FIRST:LAST:STEP"),
    ("--sweep", "nodes.8.below=2:1:1"): (3, "values go up"),
    ("--sweep", "nodes.8.below=1:nan:1"): (3, "a sweep is KEY=FIRST:LAST:STEP"),
    ("--sweep", "a=1:100:1", "--sweep", "b=1:100:1"): (3, "there are 10,000 points"),
    ("--sweep", "a=1:2:1", "--sweep", "a=1:2:1"): (3, "one key or two, each once"),
    ("--where", "levl>3"): (3, 'no condition on "levl"; did you mean "level"?'),
    ("--where", "level"): (3, "a condition is as level>=4"),
    ("--where", "level>=x"): (3, "a whole number is needed"),
    ("--where", "category>spam"): (3, "a category is = or !="),
    ("--where", "category=spm"): (3, 'no category "spm"; did you mean "spam"?'),
    ("--where", "stopped=carts"): (3, 'did you mean "cart"?'),
    ("--where", "score=7.555"): (3, "a score of at most two decimals is needed"),
    ("--where", "level=99"): (3, "of 120 creators nobody is level=99"),
    ("--of", "douyin-deposit"): (3, "douyin-creator (120), douyin-merchant (1): --of says"),
    ("--of", "nothing"): (4, "nothing"),
    ("--scenario", "less.toml"): (3, 'step 1, "less": drop changes facts of one creator'),
    ("--list", "x.csv"): (3, "--list says who moved"),
    ("--list", "x.txt", "--set", "nodes.8.below=9"): (3, "a list ends in .csv or .parquet"),
    ("--list", "no/x.csv", "--set", "nodes.8.below=9"): (3, "there is no folder 'no'"),
    ("--list", "x.csv", "--html", "no/x.html", "--set", "nodes.8.below=9"): (3, "no folder 'no'"),
    ("--svg", "no/x.svg"): (3, "there is no folder 'no'"),
    ("--check", "nan"): (3, "check nan: a share of everybody is needed, up to 1"),
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_can_t_be_asked_is_refused_in_a_sentence(
    crowd: str, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "less.toml").write_text(DROP, encoding="utf-8")
    done = run(crowd, *words)
    code, sentence = REFUSED[words]
    assert (done.exit_code, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert done.stderr.startswith("error: ")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["less.toml"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "error: there is too little memory"), ("zh", "错误：内存不足")]
)
def test_where_memory_is_short_it_is_said(
    crowd: str, language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: object) -> None:
        raise pa.ArrowMemoryError("malloc of size 64 failed")

    monkeypatch.setattr(needs, "check_packages", short)
    done = run(crowd, "--lang", language)
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith(said)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_read_the_same(crowd: str, language: str) -> None:
    words = ("--set", "nodes.8.below=9", "--sweep", "exam.answers=1:2:1", "--lang", language)
    view, shown = asked(crowd, *words), run(crowd, *words).stdout
    assert view["held_fixed" if language == "en" else "held_fixed_zh"] in shown
    for number in (view["moves"]["newly_stopped"], view["baseline"]["stopped"]):
        assert str(number) in shown
    assert view["manifest"]["hash"][:16] in shown
    assert ("category" in shown) == (language == "en")


def test_each_field_is_described(crowd: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "output.md").read_text("utf-8")
    part = page.partition("## population\n")[2].partition("\n## ")[0]
    words = ("--set", "nodes.8.below=9", "--sweep", "exam.answers=1:2:1", "--sample", "60")
    for key in _keys(asked(crowd, *words)):
        assert f"`{key}`" in part or f'"{key}"' in part, key


def _keys(value: Any) -> set[str]:
    """Of objects, but of those that have names for keys."""
    if isinstance(value, list):
        return {key for each in value for key in _keys(each)}
    if not isinstance(value, dict):
        return set()
    free = {"left_out", "scores", "values", "versions", "steps", "sample"}
    inner = {key for name, each in value.items() if name not in free for key in _keys(each)}
    return {*value, *inner} - {r for r in value if "@" in r}


def test_invented_creators_are_as_they_were() -> None:
    """The same seed gives the same bytes, and every kind of fact occurs."""
    from population.conftest import invented

    one = invented(300, seed=1)
    assert one == invented(300, seed=1) != invented(300, seed=2)
    lines = [json.loads(line) for line in one.splitlines()]
    assert 4_000 < len(lines) < 20_000
    assert len({line["type"] for line in lines}) == 23
    told = [line["recordedtime"] for line in lines]
    assert told == sorted(told)
    assert all(line["time"] <= line["recordedtime"] for line in lines)
