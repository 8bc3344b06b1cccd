"""What is printed: no character that steers a terminal or a line, a sentence where it fails."""

import json
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from readmodels.logs import fresh
from rulebook.samples import SOUND, changed, put

from .processes import command
from .test_files import TABLE
from .test_input import lines

STEERING = {
    "line separator": "\u2028", "paragraph separator": "\u2029", "bidi": "\u202e", "C1": "\x9b",
    "private": "\ue000", "private, high": "\U000f0000", "unassigned": "\u0378",
    "zero width": "\u200b", "tag": "\U000e0041",
}  # fmt: skip
ALL = "".join(STEERING.values())
ALLOWED = "".join(c for c in ALL if unicodedata.category(c) not in {"Cc", "Cf"})
"""In an id; any in an attribute."""
PROGRAM = [sys.executable, "-c", "from replay.cli import main; main()"]


def clean(*texts: str) -> bool:
    return not set(ALL) & set("".join(texts))


@pytest.fixture
def url(tmp_path: Path) -> str:
    facts = [json.loads(line) for line in lines(f"a{ALLOWED}b").split("\n")[:-1]]
    file = tmp_path / "facts.jsonl"
    file.write_text("".join(json.dumps(f | {"note": ALL}) + "\n" for f in facts))
    url = fresh(tmp_path / "l.db")
    assert command("--db", url, "import", str(file)).returncode == 0
    return url


def test_an_export_shows_none_and_loses_none(url: str, tmp_path: Path) -> None:
    out = command("--db", url, "export").stdout
    assert clean(out)
    told = [json.loads(line) for line in out.splitlines()]
    assert {t["subject"] for t in told} == {f"a{ALLOWED}b"}
    assert {t["note"] for t in told} == {ALL}
    again, file = fresh(tmp_path / "again.db"), tmp_path / "out.jsonl"
    assert command("--db", url, "export", "-o", str(file)).returncode == 0
    assert file.read_text() == out
    command("--db", again, "import", "--trust-recorded-times", str(file))
    assert command("--db", again, "export").stdout == out


@pytest.mark.parametrize("more", [(), ("--json",), ("--dry-run",)], ids=" ".join)
def test_the_name_of_a_file_steers_nothing(more: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / f"a\x1b[2J\n{ALL}.jsonl"
    file.write_text(lines("mei") + "{}\n", encoding="utf-8")
    done = command("--db", fresh(tmp_path / "l.db"), "import", *more, str(file))
    assert done.returncode == 1
    assert clean(done.stdout, done.stderr)
    assert "\x1b" not in done.stdout + done.stderr
    if more == ("--json",):
        assert json.loads(done.stdout)["file"] == str(file)


def test_lines_of_rows_show_none(url: str) -> None:
    done = command("--db", url, "project", "--ndjson", "--once")
    assert clean(done.stdout, done.stderr)
    rows = [told["row"] for line in done.stdout.splitlines() if "row" in (told := json.loads(line))]
    assert {row["creator"] for row in rows} == {f"a{ALLOWED}b"}


def test_what_is_wrong_with_a_table_shows_none(tmp_path: Path) -> None:
    table, mapping = tmp_path / "t.csv", tmp_path / "t.toml"
    table.write_text(f"id{ALL},creator,time\n", encoding="utf-8")
    mapping.write_text(TABLE)
    done = command(
        "--db", fresh(tmp_path / "l.db"), "import", "--mapping", str(mapping), str(table)
    )
    assert done.returncode == 3
    assert "there are 'id\\u2028\\u2029" in done.stderr
    assert clean(done.stdout, done.stderr)


def test_what_is_wrong_with_a_rulebook_shows_none(tmp_path: Path) -> None:
    escaped = ALL.encode("unicode_escape").decode().replace("\\x", "\\u00")
    put(tmp_path, changed('name = "shop"', f'name = "{escaped}"'))
    for json_ in ((), ("--json",)):
        done = command("rulebook", "check", *json_, str(tmp_path))
        assert done.returncode == 4
        assert clean(done.stdout, done.stderr)
    done = command("rulebook", "show", f"a{ALL}")
    assert done.returncode == 4
    assert clean(done.stdout, done.stderr)
    assert "\\u202e" in done.stderr


def test_a_list_of_what_is_published_that_is_no_text(tmp_path: Path) -> None:
    put(tmp_path, SOUND)
    for content in (b"\xff\xfe", b"shop/1 \xff" + b"0" * 63):
        (tmp_path / "PUBLISHED").write_bytes(content)
        done = command("--rulebooks", str(tmp_path), "rulebook", "show", "shop")
        assert done.returncode == 4, done.stderr
        assert "PUBLISHED, line 1: found" in done.stderr


@pytest.mark.parametrize(
    ("output", "said"), [(">&-", "Bad file descriptor"), (">/dev/full", "No space left on device")]
)
@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("import", "--help"),
        ("rulebook", "--help"),
        ("--version",),
        ("export",),
        ("project", "--ndjson", "--once"),
        ("rulebook", "list"),
        ("standing", "--all"),
    ],
    ids=" ".join,
)
def test_an_output_that_can_t_be_written(
    words: tuple[str, ...], output: str, said: str, url: str
) -> None:
    shell = ["sh", "-c", f'exec "$@" {output}', "sh", *PROGRAM, "--db", url, *words]
    done = subprocess.run(shell, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr == f"error: the output can't be used: {said}\n"


def test_an_input_that_is_closed_is_empty(url: str, tmp_path: Path) -> None:
    for words, code, said in (("record -", 3, "standard input, fact: found"), ("import -", 0, "")):
        shell = ["sh", "-c", 'exec "$@" <&-', "sh", *PROGRAM, "--db", url, *words.split()]
        done = subprocess.run(shell, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


INTERRUPTED = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from replay.cli import main
main()
"""


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("click", -signal.SIGINT, ""),  # to a shell that is 130 too
        ("replay.group", -signal.SIGINT, ""),
        ("ledger.exchange.export", 130, "error: interrupted\n"),
    ],
)
def test_an_interrupt_while_the_program_starts(name: str, code: int, said: str, url: str) -> None:
    program = [sys.executable, "-c", INTERRUPTED.format(name=name), "--db", url, "export"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


def test_the_program_leaves_interrupts_as_they_were(url: str) -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); import replay.cli;"
        "assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
