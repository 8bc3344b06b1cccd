"""Whatever a rulebook can say has its sentence, in both languages, with its figure in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from click.testing import CliRunner
from msgspec import inspect

from ledger.errors import RulebookError
from ledger.rulebook.changes import with_changes
from ledger.rulebook.figures import figures
from ledger.rulebook.file import load
from ledger.rulebook.prose.sentences import HEADINGS, SENTENCES
from ledger.rulebook.prose.walk import INLINE, SAID_ELSEWHERE, Number, prose
from ledger.rulebook.shapes import bare, shape
from ledger.rulebook.shelf import SHIPPED
from replay.cli import main

from .samples import SOUND, put, structs

ROOT = SHIPPED.parents[1]
BOOKS = sorted([*SHIPPED.glob("*/*.toml"), *(ROOT / "examples").rglob("rulebooks/*/*.toml")])
HAN = re.compile("[\u4e00-\u9fff]")


WORDS = {"Title", "Source"}
STRUCTS = {
    name: struct for struct in structs(shape()) if (name := struct.cls.__name__) not in WORDS
}


def needed(struct: inspect.StructType, field: inspect.Field) -> Iterator[str]:
    """Keys of the sentences that a field needs; those with a heading of their own need none."""
    name = struct.cls.__name__
    kind, heading = f"{name}.{field.name}", "".join(HEADINGS.get(name, ()))
    if field.name in SAID_ELSEWHERE or f"{{{field.name}" in heading:
        return
    match bare(field.type):
        case inspect.LiteralType() as words:
            yield from (f"{kind}={word}" for word in words.values)
        case inspect.BoolType():
            yield f"{kind}=true"
        case inspect.VarTupleType(item_type=inspect.LiteralType() as words):
            yield kind
            yield from (f"{kind}={word}" for word in words.values)
        case inspect.VarTupleType(item_type=inspect.StructType() as inner):
            yield kind if inner.cls.__name__ in INLINE else ""
        case inspect.StructType() as inner:
            yield kind if inner.cls.__name__ in INLINE else ""
        case inspect.DictType(value_type=inspect.StructType()):
            yield ""
        case _:
            yield kind


NEEDED = [
    key
    for struct in STRUCTS.values()
    for field in struct.fields
    for key in needed(struct, field)
    if key
]


def test_the_structs_are_all_there() -> None:
    assert {"Counter", "Stop", "Node", "Category", "Exam", "Appeal", "CleanRun"} <= set(STRUCTS)
    assert len(NEEDED) > 60


@pytest.mark.parametrize("key", NEEDED)
def test_a_field_has_its_sentence(key: str) -> None:
    assert key in SENTENCES, f"ledger/rulebook/prose/sentences.py says nothing of {key}"


@pytest.mark.parametrize("name", sorted(set(STRUCTS) - set(INLINE)))
def test_what_stands_in_a_table_has_a_heading(name: str) -> None:
    held = [field for struct in STRUCTS.values() for field in struct.fields]
    for field in held:
        wanted = bare(field.type)
        item = getattr(wanted, "value_type", None) or getattr(wanted, "item_type", None)
        if isinstance(item, inspect.StructType) and item.cls.__name__ == name:
            assert name in HEADINGS


def test_no_sentence_is_of_a_field_that_is_not_there() -> None:
    fields = {f"{name}.{f.name}" for name, struct in STRUCTS.items() for f in struct.fields}
    assert {key.partition("=")[0] for key in SENTENCES} <= fields


@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_have_the_same_values(key: str) -> None:
    en, zh = SENTENCES[key]
    one, other = ({name for _, name, _, _ in Formatter().parse(text)} for text in (en, zh))
    assert one - {None} == other - {None}
    assert zh == "{v}" or HAN.search(zh)
    assert not HAN.search(en)
    if "." in en and "=" not in key:
        assert "{v" in en, key


@pytest.mark.parametrize("file", BOOKS, ids=lambda f: f"{f.parent.name}@{f.stem}")
def test_every_figure_is_said(file: Path) -> None:
    book = load(file)
    said = [line.path for line in prose(book) if line.path]
    for path, value in figures(book).items():
        if path.endswith(("feature", "account", "currency", "expires_from")) or value is False:
            continue
        assert any(path == p or path.startswith(f"{p}.") for p in said), path


@pytest.mark.parametrize("file", BOOKS, ids=lambda f: f"{f.parent.name}@{f.stem}")
def test_every_sentence_is_whole(file: Path) -> None:
    for line in prose(load(file)):
        for text in (line.text.en, line.text.zh):
            assert text.strip() == text != ""
            assert "{" not in text
            assert "None" not in text


def test_english_forms() -> None:
    forms = [f"{Number(n):nth}" for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 111)]
    assert forms == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "111th"]
    assert [f"{Number(n):day}" for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert [f"{Number(n):time}" for n in (1, 2, 3)] == ["once", "twice", "3 times"]


ADDED = """
[categories.fake]
title = { en = "Counterfeits", zh = "售假" }
clause = "§7"
source = "r"
points = 6
once_per_item = true
stops = [{ feature = "sell", months = 1 }]
[categories.fake.severities.grave]
title = { en = "grave", zh = "严重" }
clause = "§8"
source = "r"
points = 10
fines = [{ account = "deposit", amount = 2000, currency = "EUR" }]
[ladders.repeat]
clause = "§9"
source = "r"
categories = ["fake", "late"]
within = { months = 12 }
[[ladders.repeat.steps]]
nth = 3
points = 12
stops = [{ feature = "sell", permanent = true }]
"""
ENGLISH = """\
### Counterfeits (fake)
- It costs 6 points. [r §7]
- It comes with selling stopped for 1 month. [r §7]
- It is found once for the same item. [r §7]

#### At severity grave
- It costs 10 points. [r §8]
- It comes with a deposit of 2000 EUR. [r §8]

## Offences that are counted

### Ladder repeat
- Violations that count: Counterfeits and Late. [r §9]
- They are counted together. [the default]
- Only those of the last 12 months count. [r §9]
- Each violation counts. [the default]
- If an offence turns out to be void, later ones stay as they were decided. [the default]

#### From the 3rd offence on [r §9]
- It costs 12 points instead. [r §9]
- It comes with selling stopped for ever. [r §9]
"""
CHINESE = """\
### 售假（fake）
- 扣6分。【r §7】
- 并处销售停用1个月。【r §7】
- 同一对象只处罚一次。【r §7】

#### 情节：严重
- 扣10分。【r §8】
- 并处deposit2000EUR。【r §8】
"""


def explained(file: Path, *options: str) -> str:
    result = CliRunner().invoke(main, ["rulebook", "explain", str(file), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(("language", "wanted"), [("en", ENGLISH), ("zh", CHINESE)])
def test_concepts_inside_concepts(tmp_path: Path, language: str, wanted: str) -> None:
    told = explained(put(tmp_path, SOUND + ADDED), "--lang", language)
    for part in wanted.split("\n\n"):
        assert part.strip() in told


def test_a_small_rulebook_as_prose(tmp_path: Path) -> None:
    file = put(tmp_path, SOUND)
    golden = Path(__file__).parents[1] / "golden" / "rulebook"
    for language in ("en", "zh"):
        told = explained(file, "--lang", language)
        assert told == (golden / f"shop_{language}.md").read_text("utf-8")


def test_json(tmp_path: Path) -> None:
    told = json.loads(explained(put(tmp_path, SOUND), "--json"))
    assert told["rulebook"] == "shop@1"
    line = next(line for line in told["lines"] if line["key"] == "exam.answers")
    assert line["text"] == {"en": "It may be sat twice.", "zh": "可作答2次。"}
    assert [(c["source"], c["clause"]) for c in line["citations"]] == [("r", "§5")]
    assert (told["assumed"], told["warnings"]) == (4, [])


def test_only_what_the_file_says_is_cited(tmp_path: Path) -> None:
    text = (
        SOUND.replace("floor = 0\n", "") + '[appeal]\nclause = "§6"\nsource = "r"\nattempts = 1\n'
    )
    told = explained(put(tmp_path, text))
    for line in (
        "It never falls below 0. [the default]",
        "Study comes before it. [the default]",
        "No time limit is given: no appeal counts as late. [the default]",
        "It may be contested once. [r §6]",
        "Days, months and midnights are those of Europe/Berlin.",
    ):
        assert f"- {line}\n" in told


TALLY = """
[accrual_exam]
clause = "§7"
source = "r"
points = 1
pass_mark = 100
per_days = 30
[courses]
clause = "§8"
source = "r"
points = { online = 1 }
"""


def test_what_gives_points_back_on_a_balance_takes_them_off_a_tally(tmp_path: Path) -> None:
    tally = SOUND.replace("balance", "tally").replace("initial = 10", "initial = 0")
    tally = tally.replace("\nbelow = 8", "\nat_or_above = 8")
    for text, said in (
        (SOUND, ("A pass gives 1 point.", "The course online gives 1 point back.")),
        (tally, ("A pass takes 1 point off.", "The course online takes 1 point off.")),
    ):
        told = explained(put(tmp_path, text + TALLY))
        assert all(f"- {line} [" in told for line in said)
    assert "通过可消除1分。" in explained(put(tmp_path, tally + TALLY), "--lang", "zh")


NOTHING = """
[categories.fake]
title = { en = "Counterfeits", zh = "售假" }
clause = "§7"
source = "r"
points = 6
fines = [{ account = "deposit", amount = 2000, currency = "EUR" }]
stops = [{ feature = "sell", months = 1 }]
severities.slight = { fines = [], stops = [] }
[ladders.repeat]
clause = "§9"
source = "r"
categories = ["fake"]
counts = "stops"
[[ladders.repeat.steps]]
nth = 3
fines = []
stops = []
"""


def test_an_empty_list_says_that_there_is_none(tmp_path: Path) -> None:
    file = put(tmp_path, SOUND + NOTHING)
    told = explained(file)
    for part in ("#### At severity slight", "#### From the 3rd offence on [r §9]"):
        after = told.partition(part)[2].splitlines()[1:3]
        assert [line.partition(" [")[0] for line in after] == [
            "- It comes with no fine.",
            "- It stops nothing.",
        ]
    assert "不另处款项。" in explained(file, "--lang", "zh")
    assert "after one stop comes the second. [r §9]" in told
    shown = CliRunner().invoke(main, ["rulebook", "show", str(file)], env={"COLUMNS": "120"})
    assert shown.exit_code == 0
    rows = [line.split()[:2] for line in shown.stdout.splitlines()]
    for path in ("fake.severities.slight.fines", "repeat.steps.0.fines", "repeat.steps.0.stops"):
        assert [path, "none"] in rows


def test_a_key_of_a_list_that_is_left_out_is_unknown(tmp_path: Path) -> None:
    book = load((SOUND + ADDED).encode())
    with pytest.raises(RulebookError, match=r"no key .ladders.repeat.steps.0.fines.0.amount"):
        with_changes(book, {"ladders.repeat.steps.0.fines.0.amount": "5"})


SEVERAL = """
[counters.strikes]
direction = "tally"
clause = "§1"
source = "r"
initial = 0
[categories.fake]
title = { en = "Counterfeits", zh = "售假" }
clause = "§7"
source = "r"
counter = "strikes"
points = 6
severities.grave = { restorable = 2 }
"""


def test_a_severity_counts_where_its_category_does(tmp_path: Path) -> None:
    one = SOUND.replace("\npoints", '\ncounter = "score"\npoints').replace(
        "below", 'counter = "score"\nbelow', 1
    )
    told = explained(put(tmp_path, one + SEVERAL))
    assert "- A passed exam takes 2 points off. [r §7]" in told
    assert "- A passed exam gives 0.5 points back. [" in told
    assert "- Violations take points from it. [r §1]\n" in told
    assert "- Violations add points to it. [r §1]\n" in told


ALIKE = """
[categories.fake]
title = { en = "Counterfeits", zh = "售假" }
clause = "§7"
source = "r"
points = 6
severities.grave = { points = 9 }
[categories.rude]
title = { en = "Rudeness", zh = "失礼" }
clause = "§8"
source = "r"
points = 6
severities.grave = { points = 9 }
[categories.loud]
title = { en = "Noise", zh = "喧哗" }
clause = "§7"
source = "r"
points = 6
severities.grave = { points = 9 }
"""


def test_what_is_equal_is_told_once(tmp_path: Path) -> None:
    file = put(tmp_path, SOUND + ALIKE)
    told = explained(file)
    headings = [line for line in told.splitlines() if line.startswith("### ")][1:4]
    assert headings == [
        "### Late (late)",
        "### Counterfeits (fake); Noise (loud)",
        "### Rudeness (rude)",  # cited from elsewhere
    ]
    assert told.count("#### At severity grave") == 2
    assert "### 售假（fake）；喧哗（loud）\n" in explained(file, "--lang", "zh")
    lines = json.loads(explained(file, "--json"))["lines"]
    assert {"categories.fake.points", "categories.loud.points"} <= {line["key"] for line in lines}


def test_a_node_that_repeats_is_told_as_the_crossing_says() -> None:
    folder = ROOT / "tests" / "law" / "rulebooks" / "multiples"
    told = {word: explained(folder / f"{word}.toml") for word in ("all", "deepest")}
    assert "several reached at once stop once, and fine for each. [" in told["all"]
    assert "only the last starts, and where that is lifted, the one before it" in told["deepest"]
    assert "the last before it that was crossed takes its place. [" in told["deepest"]
    assert "one before it" not in told["all"]
