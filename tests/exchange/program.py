"""The program as a person runs it, in this process."""

import json
from contextlib import chdir, nullcontext
from pathlib import Path

from click.testing import CliRunner, Result

from replay.cli import main


def run(db: Path, *args: str, stdin: str | bytes = "") -> Result:
    """What is refused of a standard input goes into a file where one is: beside the ledger."""
    with chdir(db.parent) if stdin else nullcontext():
        return CliRunner().invoke(main, ["--db", f"sqlite:///{db}", *args], input=stdin)


def line(id_: str, kind: str = "creator_enrolled", subject: str = "mei", **fields: object) -> str:
    data = {k: v for k, v in fields.items() if k not in {"time", "recordedtime"}}
    time = fields.get("time", "2024-07-08T00:00:00Z")
    event = {"specversion": "1.0", "type": kind, "source": "urn:test", "id": id_}
    event |= {"subject": subject, "time": time, "data": data}
    if "recordedtime" in fields:
        event["recordedtime"] = fields["recordedtime"]
    return json.dumps(event) + "\n"
