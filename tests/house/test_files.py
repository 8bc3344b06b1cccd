"""Files of a size that fits in the head, and a project that stands by itself."""

import re

from .sources import ROOT, files

LONGEST = 400
FORBIDDEN = {
    r"/(work|root)/|/home/[a-z]": "a path of somebody's machine",
    r"\bSPEC\b|DESIGN\.md|seed-rules|\bseeds/": "a document that is not in the project",
    r"\bissue #?\d|\bTODO\b|\bFIXME\b|\bXXX\b": "work that is not done, or talk about it",
    r"\b(colleague|as (an AI|a language model)|(in this|previous) session)\b": "who wrote it",
    r"<<<<<<<|>>>>>>>": "a merge that is not finished",
}
TEXT = (".py", ".lua", ".md", ".toml", ".jsonl", "")
ALLOWED = {"tests/house/test_files.py"}


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files(".py", ".lua")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long


def test_no_forbidden_words() -> None:
    found = []
    for path in files(*TEXT):
        name = str(path.relative_to(ROOT))
        if name in ALLOWED or path.name == "LICENSE":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found += [
                f"{name}:{number}: {why}: {line.strip()[:80]}"
                for pattern, why in FORBIDDEN.items()
                if re.search(pattern, line)
            ]
    assert not found, "\n".join(found)


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in files(".py")
        if (text := path.read_text(encoding="utf-8").strip()) and not text.startswith('"""')
    ]
    assert not silent


def test_scripts_can_be_run() -> None:
    for name in ("scripts/test", "scripts/demo", "scripts/bench", "scripts/campaign", ".ci/run"):
        path = ROOT / name
        assert path.stat().st_mode & 0o111, name
        assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n"), name


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in files(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if "://" not in target and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert not broken


def test_no_import_has_left_its_rejects_here() -> None:
    assert [path.name for path in ROOT.glob("*.rejects.*")] == []
