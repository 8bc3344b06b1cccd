"""The shipped figures, row by row, as the product's contract has them."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.rulebook.figures import figures
from ledger.rulebook.file import load
from ledger.rulebook.model import CleanRun, Rulebook, Stop
from ledger.rulebook.shelf import SHIPPED, Shelf

D = Decimal
BOOKS = {r.version: r for r in Shelf().versions("douyin-creator")}
SINCE_2024 = ("2024-07", "2024-09")
BOTH = ("appeal", "exam")


def days(**features: int) -> tuple[Stop, ...]:
    return tuple(Stop(feature, days=n) for feature, n in features.items())


def for_ever(*features: str) -> tuple[Stop, ...]:
    return tuple(Stop(feature, permanent=True) for feature in features)


WHILE_BELOW = Stop("video_self_only", while_triggered=True)
BANDS = [
    # node, below, stops, lifted by
    ("8", D(8), (*days(cart=7, live=7), WHILE_BELOW), BOTH),
    ("6", D(6), days(showcase=7, cart=14, live=14), BOTH),
    ("4", D(4), days(showcase=14, cart=30, live=30), BOTH),
    ("0", None, for_ever("showcase", "cart", "live"), ("appeal",)),
]
DAYS = [
    ("8", D(8), days(product_sharing=1), BOTH),
    ("6", D(6), days(product_sharing=3), BOTH),
    ("4", D(4), days(product_sharing=7), BOTH),
    ("2", D(2), days(product_sharing=15), BOTH),
    ("0", None, for_ever("product_sharing"), ("appeal",)),
]


@pytest.mark.parametrize(
    ("version", "rows"), [("2022-02", BANDS), ("2024-07", DAYS), ("2024-09", DAYS)]
)
def test_nodes(version: str, rows: list[tuple[object, ...]]) -> None:
    nodes = BOOKS[version].nodes
    assert [(k, n.below, n.stops, n.lifted_by) for k, n in nodes.items()] == rows
    assert nodes["0"].at_or_below == 0


CATEGORIES = [
    # category, Chinese title, points, restorable by exam from 2024-07 on
    ("off_topic_goods", "商品与视频无相关性", D("0.5"), D("0.5")),
    ("improper_marketing", "违规营销", D("0.5"), D("0.5")),
    ("reposting", "涉嫌搬运侵权", D("0.5"), D("0.5")),
    ("spam", "刷屏、恶意留言", D(1), D(1)),
    ("unmet_duty", "不履行举报、申诉、反馈义务", D(1), D("0.5")),
    ("malicious_report", "恶意举报", D(2), None),
    ("misleading", "误导信息、虚假宣传", D(3), D("1.5")),
    ("infringement", "侵权", D(3), D(1)),
    ("prohibited_content", "违规视频", D(6), None),
    ("fraud", "售假、虚假交易", D(12), None),
]


@pytest.mark.parametrize("version", BOOKS)
def test_categories(version: str) -> None:
    found = BOOKS[version].categories.items()
    exam = version != "2022-02"
    assert [(k, c.title.zh, c.points, c.restorable) for k, c in found] == [
        (name, zh, points, restorable if exam else None)
        for name, zh, points, restorable in CATEGORIES
    ]
    assert not any(c.measures or c.fines for _, c in found)


@pytest.mark.parametrize("r", BOOKS.values(), ids=BOOKS)
def test_what_all_versions_share(r: Rulebook) -> None:
    credit = r.counters["credit"]
    assert (credit.direction, credit.initial, credit.cap, credit.floor) == ("balance", 10, 12, 0)
    assert (r.zone, r.overlap, credit.expires_after) == ("Asia/Shanghai", "max", None)
    assert (r.appeal.window_days, r.appeal.attempts, r.appeal.restitution) == (7, 1, "delta")
    exam = r.accrual_exam
    assert exam is not None
    assert (exam.points, exam.pass_mark, exam.per_days) == (1, 100, 30)
    assert r.recovery is not None
    assert r.recovery.points == 1


def test_dates_and_recovery() -> None:
    assert [r.in_force_from for r in BOOKS.values()] == [
        date(2022, 2, 25),
        date(2024, 7, 6),
        date(2024, 9, 24),
    ]
    cadences = [(r.recovery.cadence, r.recovery.runs) for r in BOOKS.values() if r.recovery]
    monthly = ("monthly", ())
    clean = ("clean_days", (CleanRun(7, D(10)), CleanRun(30)))
    assert cadences == [monthly, monthly, clean]


def test_exam() -> None:
    assert BOOKS["2022-02"].exam is None
    for version in SINCE_2024:
        e = BOOKS[version].exam
        assert e is not None
        assert (e.minimum_level, e.reputation_above) == (4, D("4.6"))
        assert (e.window_days, e.answers, e.pass_mark, e.quota_days) == (7, 2, 100, 30)
        assert (e.study_required, e.claim_required) == (True, True)


CITED = {
    # figure: where it comes from, in 2024-07
    "counters.credit.initial": "003 §4.3",
    "counters.credit.cap": "003 §4.3",
    "nodes.8.stops.0.days": "002 §10(1)",
    "exam.minimum_level": "002 §1",
    "exam.reputation_above": "002 §1",
    "exam.claim_required": "002 §2",
    "exam.quota_days": "002 §5",
    "exam.window_days": "002 §7",
    "exam.answers": "002 §7",
    "exam.pass_mark": "002 §8",
    "exam.study_required": "002 §8",
}


def test_figures_that_the_rules_give() -> None:
    book = BOOKS["2024-07"]
    assert {path: book.cite(path).label for path in CITED} == CITED


@pytest.mark.parametrize("version", BOOKS)
def test_every_other_figure_is_assumed_and_says_why(version: str) -> None:
    book = BOOKS[version]
    numbers = {p for p, v in figures(book).items() if isinstance(v, int | D) and v is not True}
    assumed = {path for path in numbers if book.cite(path).assumed}
    if version == "2022-02":
        bands = {path for path in numbers if path.startswith("nodes.") and "nodes.0" not in path}
        sourced = bands | {"counters.credit.initial", "counters.credit.cap"}
        assert {book.cite(path).label for path in bands} == {"001 二(四)"}
    else:
        sourced = CITED.keys() & numbers
    assert numbers - assumed == sourced
    assert all(book.cite(path).note for path in assumed)
    assert {book.cite(path).source for path in numbers - assumed} <= {"001", "002", "003"}


def test_clauses_are_quoted_in_both_languages() -> None:
    for book in BOOKS.values():
        assert len(book.clauses) >= 19
        for concept, words in book.clauses.items():
            assert words.en.endswith(".")
            assert words.zh
            assert not book.cite(f"clauses.{concept}").assumed


def test_super_licence() -> None:
    root = SHIPPED.parents[1] / "examples" / "super-licence" / "rulebooks"
    book = load(root / "super-licence" / "2019.toml")
    points, node = book.counters["points"], book.nodes["12"]
    assert (points.direction, points.initial, points.cap, points.floor) == ("tally", 0, None, 0)
    assert points.expires_after is not None
    assert points.expires_after.months == 12
    assert (node.at_or_above, node.removes, node.lifted_by) == (12, 12, ("appeal",))
    assert node.stops == (Stop("race_participation", occasions=1),)
    assert (book.categories["decision"].points, book.zone) == (None, "UTC")
