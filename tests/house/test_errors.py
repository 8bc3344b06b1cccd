"""Errors in the language asked for: what may go wrong in these rooms can be said in Chinese."""

import ast
import re
from pathlib import Path

import pytest
from exchange.program import line, run

from replay.errors import in_language

ROOT = Path(__file__).parents[2]
ROOMS = (
    "replay/audit", "replay/statement", "replay/whatif", "replay/reconcile", "projections/standing",
    "projections/views", "ledger/log/sqlite/file.py", "ledger/log/pins.py", "ledger/log/port.py",
    "replay/bundle/rerun.py", "ledger/facts/currencies.py",
)  # fmt: skip
"""What `audit`, `standing`, `what-if`, `reconcile` and `audit --statement` go through."""


def sentence(node: ast.expr) -> str:
    """As it may look, with `x` for each value; of what is worked out elsewhere nothing."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values
        )
    return ""


def raised() -> list[tuple[str, str]]:
    files = [
        f
        for room in ROOMS
        for f in ([ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py")))
    ]
    return [
        (f"{file.relative_to(ROOT)}:{node.lineno}", said)
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args
        if getattr(node.func, "attr", getattr(node.func, "id", "")).endswith(
            (
                "InputError",
                "LedgerError",
                "BookError",
                "StoreError",
                "UsageError",
                "ReadableError",
                "BadParameter",
                "ValueError",
                "fail",
            )
        )
        if re.search("[a-z]{3}", said := sentence(node.args[0]))
    ]


def test_every_sentence_that_is_raised_can_be_said_in_chinese() -> None:
    found = raised()
    assert len(found) > 70
    silent = {where: said for where, said in found if in_language(said, "zh") == said}
    assert silent == {}


@pytest.mark.parametrize(
    ("words", "code", "en", "zh"),
    [
        (("standing", "nobody"), 1, "error: no fact is recorded", "错误：没有创作者“nobody”"),
        (("audit", "mei", "--foo"), 2, "Error: No such option", "Error: 没有选项"),
        (("reconcile",), 2, "Error: Name CREATORs, or give", "请指明创作者，或用--all"),
        (("what-if", "mei", "--drop", "e9"), 3, "error: creator", "错误：创作者“mei”没有记录“e9”"),
        (("audit", "mei", "--as-of", "now"), 2, "Invalid value for", "的值无效：所给为'now'；"),
        (
            ("audit", "mei", "--statement", "v", "--template", "/nowhere"), 3,
            "error: template /nowhere: can't be read", "模板/nowhere：无法读取（没有该文件",
        ),
    ],
)  # fmt: skip
def test_an_error_is_said_in_the_language_asked_for(
    tmp_path: Path, words: tuple[str, ...], code: int, en: str, zh: str
) -> None:
    db = tmp_path / "l.db"
    assert run(db, "import", "-", stdin=line("e1", subject="mei")).exit_code == 0
    for options, said in (((), en), (("--lang", "en"), en), (("--lang=zh",), zh)):
        done = run(db, *words, *options)
        assert (done.exit_code, said in done.stderr) == (code, True), done.stderr


def test_an_unknown_sentence_and_the_parts_of_a_known_one() -> None:
    assert in_language("nobody has written this", "zh") == "nobody has written this"
    assert in_language("x can't be read: Permission denied", "zh") == "x无法读取：没有权限"
    assert in_language('no counter "a"; did you mean "b"?\nelse', "zh").endswith(
        "没有分值“a”；是否指“b”？\nelse"
    )
