"""Each broken file gives its sentence: file, line, key, what was found, what is allowed."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ledger.errors import RulebookError
from ledger.rulebook.file import load
from ledger.rulebook.findings import BrokenRulebookError
from replay.cli import main

from .samples import SOUND, changed, put

CASES = [
    case
    for file in ("broken.toml", "broken_concepts.toml")
    for case in tomllib.loads(Path(__file__).with_name(file).read_text("utf-8"))["case"]
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_wrong(case: dict[str, Any]) -> None:
    with pytest.raises(RulebookError) as refused:
        load(changed(case["old"], case["new"]).encode(), "rb.toml")
    assert str(refused.value).splitlines() == case["says"]


def test_rulebook_check_says_it_of_each_file(tmp_path: Path) -> None:
    files = [
        put(tmp_path, changed(case["old"], case["new"]), f"b{n:03}/1.toml")
        for n, case in enumerate(CASES)
    ]
    result = CliRunner().invoke(main, ["rulebook", "check", *map(str, files)])
    assert result.exit_code == 4
    assert result.stdout == ""
    told = result.stderr.splitlines()
    for file, case in zip(files, CASES, strict=True):
        mine = [line for line in told if line.startswith(f"{file}, line ")]
        says = [said for said in case["says"] if not said.endswith(" more")]
        assert mine[: len(says)] == [said.replace("rb.toml", str(file)) for said in says]


def test_mistakes_and_sentences_are_many_and_differ() -> None:
    assert len({(case["old"], case["new"]) for case in CASES}) == len(CASES) >= 40
    first = {case["says"][0].partition(": ")[2] for case in CASES}
    assert len(first) >= 40


def test_sound() -> None:
    assert load(SOUND.encode()).label == "shop@1"


DOTS = "a key with {} dots; at most 16 are allowed"
HIDDEN = "line 1: hidden character U+FEFF; write it out or leave it out"
WHOLE = {
    "empty": (b"", ": name is missing; text in quotes is needed"),
    "not UTF-8": (b"a = 1\nb = '\xff'", ", line 2: byte 0xff; the file must be UTF-8"),
    "byte order mark": (b"\xef\xbb\xbfa = 1", f", {HIDDEN}"),
    "16,000 dots": (b"a" + b".a" * 16_000 + b" = 1", f": {DOTS.format(16_000)}"),
    "16,000 quoted dots": (b"['a'" + b" . 'a'" * 16_000 + b"]", f": {DOTS.format(16_000)}"),
    "dots deep inside": (b"a = {b = {a" + b".a" * 17 + b" = 1}}", f": {DOTS.format(17)}"),
    "nested": (b"a = " + b"[" * 100_000, ": tables nested more than 16 deep"),
    "too large": (
        b"#" * (256 * 1024 + 1),
        ": larger than 256 KiB; that is as large as a rulebook may be",
    ),
    "thousands of digits": (
        b"a = " + b"9" * 100_000,
        ", line 1: not TOML: a whole number with thousands of digits",
    ),
    "endless string": (
        b'a = """' + b'\\"""' * 60_000,
        ", line 1: not TOML: unterminated string",
    ),
}


@pytest.mark.parametrize(("data", "sentence"), WHOLE.values(), ids=WHOLE.keys())
def test_the_file_is_no_rulebook(data: bytes, sentence: str) -> None:
    start = time.process_time()
    with pytest.raises(RulebookError) as refused:
        load(data, "rb.toml")
    assert str(refused.value).splitlines()[0] == f"rb.toml{sentence}"
    assert time.process_time() - start < 5


MANY = ": more than 10,000 tables, keys and items; a rulebook may have no more"
CROWDS = {
    "tables": ("[t{}]\n", 20_000),
    "arrays of tables": ("[[a]]\n", 20_000),
    "keys": ("k{} = 1\n", 20_000),
    "lists": ("k{} = [1, 2, 3, 4]\n", 8_000),
    "tables in a line": ("k{} = {{}}\n", 12_000),
}


@pytest.mark.parametrize(("one", "count"), CROWDS.values(), ids=CROWDS)
def test_a_crowd_is_refused_at_once(one: str, count: int) -> None:
    data = "".join(one.format(n) for n in range(count)).encode()
    start = time.process_time()
    with pytest.raises(RulebookError) as refused:
        load(data, "rb.toml")
    assert time.process_time() - start < 1
    assert str(refused.value) == f"rb.toml{MANY}"


@pytest.mark.parametrize(
    ("one", "count"),
    [
        ("[t{}]\n", 6_900),
        ("k{0} = {{v{0} = 1}}\n", 2_300),
        ("c{0} = {{value = 1, clause = 'x', source = 's{0}'}}\n", 980),
    ],
)
def test_what_is_wrong_with_as_many_as_may_be_is_told_soon(one: str, count: int) -> None:
    sources = (
        "[sources]\n" + "".join(f"s-{n} = {{ title = 'x' }}\n" for n in range(1_000)) + "[t]\n"
    )
    data = (sources + "".join(one.format(n) for n in range(count))).encode()
    start = time.process_time()
    with pytest.raises(BrokenRulebookError) as refused:
        load(data)
    assert time.process_time() - start < 5
    assert 200 <= len(refused.value.findings) < 210


@pytest.mark.parametrize("dotted", [b"a.b.k%d = 1\n", b"[a%d.b.c]\n"])
def test_many_dotted_keys_are_refused_soon(dotted: bytes) -> None:
    start = time.process_time()
    with pytest.raises(RulebookError):
        load(b"".join(dotted % i for i in range(16_000)))
    assert time.process_time() - start < 3


def test_dots_in_text_are_no_keys() -> None:
    dots = ".".join("abcdefghijklmnopqrstuvwxyz")
    load(changed('en = "Shop"', f'en = "{dots}"', "[exam]", f"# {dots}\n[exam]").encode())


def test_all_is_found_at_once() -> None:
    wrong = changed("below = 8", "belwo = 8", "cap = 12", "cpa = 12", "answers = 2", "answer = 2")
    with pytest.raises(BrokenRulebookError) as refused:
        load(wrong.encode(), "rb.toml")
    paths = [finding.path for finding in refused.value.findings]
    assert paths == ["counters.score.cpa", "nodes.8.belwo", "exam.answer", "exam"]


def test_no_such_file() -> None:
    with pytest.raises(RulebookError, match=r"^nowhere\.toml: can't be read: No such file"):
        load("nowhere.toml")
