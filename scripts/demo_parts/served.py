"""The examples in one ledger, open in a browser."""

import signal
import subprocess
from pathlib import Path

from demo_parts.checks import EXAMPLES, PROGRAM, bring_in
from rich.console import Console

LICENCES = EXAMPLES / "super-licence"


def serve(console: Console, folder: Path, port: str) -> None:
    """Until it is interrupted."""
    db, own = f"sqlite:///{folder}/examples.db", LICENCES / "rulebooks"
    bring_in(db, EXAMPLES / "exam-in-place" / "exam_then_appeal.jsonl", own=own)
    bring_in(db, LICENCES / "decisions.csv", "--mapping", LICENCES / "mapping.toml", own=own)
    bring_in(db, LICENCES / "races.jsonl", own=own)
    for creator in ("mei", "kevin-magnussen"):
        console.print(f"http://127.0.0.1:{port}/creators/{creator}", markup=False)
    words = ["--db", db, "--rulebooks", str(own), "serve", "--port", port]
    served = subprocess.Popen([str(PROGRAM), *words])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server has it too, and ends
    signal.signal(signal.SIGTERM, lambda *_: served.terminate())
    served.wait()
