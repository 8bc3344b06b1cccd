"""The main job, on a published example and on real decisions.

Facts go in through the program, are replayed, and what comes out is compared with the figures that
others have published. Ends with 1 if one of them differs. With --serve the examples are then open
in a browser, until it is interrupted.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from demo_parts import exam_in_place, super_licence
from demo_parts.checks import Checks
from demo_parts.served import serve
from rich.console import Console


def main() -> int:
    options = argparse.ArgumentParser(description="The main job, on published examples.")
    options.add_argument("--serve", action="store_true", help="then leave the page open on them")
    options.add_argument("--port", default="8000", help="where it is served (8000)")
    asked = options.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 118, highlight=False)
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        for part in (exam_in_place, super_licence):
            part.show(console, checks, Path(folder))
        tell(console, checks)
        if asked.serve:
            serve(console, Path(folder), asked.port)
    return 1 if checks.failed else 0


def tell(console: Console, checks: Checks) -> None:
    console.rule()
    for sentence in checks.failed:
        console.print(f"[bold red]differs:[/] {sentence}", markup=True)
    verdict = f"{checks.met} of {checks.met + len(checks.failed)} figures as published"
    console.print(f"[bold]{verdict}.[/]")
    if not checks.failed:
        console.print(
            "The program is at .venv/bin/penalty-ledger; try\n"
            "  .venv/bin/penalty-ledger --db sqlite:///f1.db import "
            "examples/super-licence/decisions.csv --mapping examples/super-licence/mapping.toml\n"
            "  .venv/bin/penalty-ledger --db sqlite:///f1.db import "
            "examples/super-licence/races.jsonl\n"
            "  .venv/bin/penalty-ledger --db sqlite:///f1.db "
            "--rulebooks examples/super-licence/rulebooks audit kevin-magnussen",
            soft_wrap=True,
        )


if __name__ == "__main__":
    sys.exit(main())
