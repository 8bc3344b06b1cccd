"""Each malformed table gives its sentence: file, line, what was found, what would be right."""

from zoneinfo import ZoneInfo

import pytest

from ledger.errors import InputError
from ledger.rulebook.shelf import Shelf
from replay.casebook.cases import parse
from replay.casebook.suites import zone_of

ROW = "2024-07-10 09:00 | violation v1 spam | -1 → 9 |"
GOOD = f"## a case\nstart 2024-07-10 08:00\n{ROW}\n"
LINES = "a name (## …), start TIME, rulebook NAME, simulate, or a row: time | fact | outcome"
TIME = "a time is written YYYY-MM-DD HH:MM, with seconds where they matter, 24:00 being the end"
BROKEN = {
    "no name": (ROW, 1, f'found "{ROW[:40]}…" before the first case; name it: ## …'),
    "no rows": (
        "## a case\nstart 2024-07-10 08:00\n", 1,
        'the case "a case" has no row; a row is: time | fact | outcome | effects',
    ),
    "two of a name": (
        GOOD + GOOD, 4, 'two cases are named "a case", the other on line 1; rename one',
    ),
    "no columns": (GOOD + "2024-07-11 09:00 granted v1", 4,
                   f'found "2024-07-11 09:00 granted v1"; wanted is {LINES}'),
    "five columns": (GOOD + ROW + " |", 4,
                     "found 5 columns; time | fact | outcome | effects are all there are"),
    "no fact": (GOOD + "2024-07-11 09:00 | | 0 → 9", 4,
                'found "2024-07-11 09:00 | | 0 → 9"; a row is: time | fact | outcome | effects'),
    "no time": (GOOD + "10 July | granted v1 |", 4, f"found '10 July'; {TIME} of the day"),
    "no such day": (GOOD + "2024-02-30 09:00 | granted v1 |", 4,
                    "found '2024-02-30 09:00'; there is no such date or time"),
    "recorded when": (GOOD + "2024-07-11 09:00 (recorded later) | granted v1 |", 4,
                      f"found 'later'; {TIME} of the day"),
    "unknown word": (GOOD + "2024-07-11 09:00 | grantd v1 |", 4,
                     'unknown word "grantd"; did you mean "granted"?'),
    "unknown field": (GOOD + "2024-07-11 09:00 | granted v1 pionts=1 |", 4,
                      "pionts: found the field; wanted points. It is written: granted VIOLATION "
                      "[points=…]"),
    "one word too many": (GOOD + "2024-07-11 09:00 | granted v1 1 |", 4,
                          'found "1", one word too many. It is written: granted VIOLATION '
                          "[points=…]"),
    "a time in two words": (
        GOOD + "2024-07-11 09:00 | violation v2 spam offended_at=2024-07-10 09:00 |", 4,
        f"offended_at: found '2024-07-10'; {TIME} of the day; a time in a fact is written "
        '"2015-06-01 09:00", in quotes, or 2015-06-01T09:00. It is written: violation VIOLATION ',
    ),
    "one word too few": (GOOD + "2024-07-11 09:00 | sat v1 |", 4,
                         "mark: found nothing; wanted it: this type needs one. It is written: "
                         "sat VIOLATION MARK"),
    "a mark above 100": (GOOD + "2024-07-11 09:00 | sat v1 101 |", 4,
                         'mark: found "101"; wanted a decimal string or integer from 0 to 100 with '
                         "at most two decimals. It is written: sat VIOLATION MARK"),
    "a word with capitals": (
        GOOD + "2024-07-11 09:00 | violation v2 Spam |", 4,
        'category: found "Spam"; wanted a word of a-z, 0-9 and _ that starts with a letter. '
        "It is written: violation VIOLATION CATEGORY [detected_by=…]",
    ),
    "half a quote": (GOOD + "2024-07-11 09:00 | retracts e1 reason='oops |", 4,
                     '''found "retracts e1 reason='oops"; each quote needs its other half'''),
    "a fact twice": (GOOD + "2024-07-11 09:00 | e1: granted v1 |", 4,
                     'two facts are named "e1"; rename one'),
    "no outcome": (GOOD + "## b\n2024-07-11 09:00 | standing\n2024-07-11 09:00 | granted v1", 4,
                   'the case "b" says no outcome; a row is: time | fact | outcome | effects'),
    "start when": (f"## a case\nstart tomorrow\n{ROW}\n", 2,
                   f"found 'tomorrow'; {TIME} of the day"),
    "start late": (GOOD + "start 2024-07-10 08:00", 4, "start stands before the rows"),
    "rulebook late": (GOOD + "rulebook douyin-creator", 4,
                      "rulebook stands before start and before the rows, and once"),
    "unknown rulebook": (f"## a case\nrulebook douyin-creater\n{ROW}\n", 2,
                         'no rulebook "douyin-creater"; did you mean "douyin-creator"?'),
    "unknown version": (f"## a case\nrulebook douyin-creator@2021\n{ROW}\n", 2,
                        'no version "2021" of douyin-creator; allowed: 2022-02, 2024-07, 2024-09'),
    "a rulebook without its version": (
        f"## a case\nrulebook douyin-creator@\n{ROW}\n", 2,
        'found "rulebook douyin-creator@"; versions of one rulebook are needed',
    ),
    "a rulebook twice": (
        f"## a case\nrulebook douyin-creator\nrulebook douyin-merchant\n{ROW}\n", 3,
        "rulebook stands before start and before the rows, and once",
    ),
    "a start twice": (
        f"## a case\nstart 2024-07-10 08:00\nstart 2024-07-10 09:00\n{ROW}\n", 3,
        "start stands before the rows, and once",
    ),
    "enrolled nowhere": (
        GOOD + "2024-07-11 09:00 | enrolled douyin-creater | 0 → 9", 4,
        'no rulebook "douyin-creater"; did you mean "douyin-creator"?',
    ),
    "more than a standing": (
        GOOD + "2024-07-11 09:00 | standing v1 | 9", 4,
        'found "standing v1"; a standing is: time | standing | score | statements',
    ),
    "a fact known": (
        GOOD + "2024-07-11 09:00 (known 2024-07-12 09:00) | granted v1 | 0 → 9", 4,
        'found "(known …)"; a fact is (recorded TIME), a standing (known TIME)',
    ),
    "a standing recorded": (
        GOOD + "2024-07-11 09:00 (recorded 2024-07-12 09:00) | standing | 9", 4,
        'found "(recorded …)"; a fact is (recorded TIME), a standing (known TIME)',
    ),
    "two rulebooks": (f"## a case\nrulebook a b\n{ROW}\n", 2,
                      'found "rulebook a b"; versions of one rulebook are needed'),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong(text: str, line: int, said: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(text, "t.txt", ("douyin-creator",), zone_of(Shelf()))
    first = str(refused.value).splitlines()[0]
    assert first.startswith(f"t.txt, line {line}: {said}")


def test_all_is_found_at_once() -> None:
    rows = "\n".join(f"2024-07-1{n} 09:00 | grantd v1 |" for n in range(7))
    with pytest.raises(InputError) as refused:
        parse(GOOD + rows, "t.txt", ("douyin-creator",), zone_of(Shelf()))
    lines = str(refused.value).splitlines()
    assert len(lines) == 6
    assert lines[-1] == "t.txt: and 2 more"


def test_a_sound_table() -> None:
    (case,) = parse(GOOD, "t.txt", ("douyin-creator",), zone_of(Shelf()))
    assert (case.name, case.zone, len(case.facts)) == ("a case", ZoneInfo("Asia/Shanghai"), 3)
