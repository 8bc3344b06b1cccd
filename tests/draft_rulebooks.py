"""A shelf with a draft of the shipped rulebook, for shadow runs and adoptions."""

from pathlib import Path

from ledger.rulebook.shelf import SHIPPED

LABEL = "douyin-creator@2025-01"


def draft(
    folder: Path, *pairs: tuple[str, str], since: str = "2025-01-01", version: str = "2025-01"
) -> Path:
    """The newest published version as a draft with other texts; the file, on a shelf `folder`."""
    text = (SHIPPED / "douyin-creator" / "2024-09.toml").read_text(encoding="utf-8")
    head = (('version = "2024-09"', f'version = "{version}"\ndraft = true'),)
    for old, new in (*head, ("value = 2024-09-24", f"value = {since}"), *pairs):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = folder / "douyin-creator" / f"{version}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
