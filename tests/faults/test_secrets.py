"""However a URL is mistyped, what may be a password in it is never printed."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ledger.log.port import open_log
from replay.cli import main

PW = "s3cretOfOurs"
FORMS = (
    "S://u:PW@127.0.0.1:1/x", "S://u:a/PW@127.0.0.1:1/x", "S://u:PW/@127.0.0.1:1/x",
    "S://u:a@PW@127.0.0.1:1/x", "S://u:PW@@127.0.0.1:1/x", "S://u:a PW@127.0.0.1:1/x",
    "S://u:%zzPW@127.0.0.1:1/x", "S://u:PW%@127.0.0.1:1/x", "S://u:a#PW@127.0.0.1:1/x",
    "S://u:a?PW@127.0.0.1:1/x", "S://u:1?PW@127.0.0.1:1/x", "S://u:1/PW@127.0.0.1/0",
    "S://:a@PW@127.0.0.1:1/0", "S://127.0.0.1:PW", "S://127.0.0.1:PW/x", "S://u:PW@[::1",
    "S://u:PW@[::1/x", "S://u:PW@::1]/x", "S:/u:PW@127.0.0.1/x", "S:u:PW@127.0.0.1/x",
    "S//u:PW@127.0.0.1/x", "S://127.0.0.1:1/x?sslmode=PW", "S://127.0.0.1:1/x?PW",
    "S://127.0.0.1:1/x?PW=1", "S://127.0.0.1:1/x?password=PW", "S://127.0.0.1:1/x?mode=PW",
    "S://127.0.0.1:1/x?connect_timeout=PW", "S://127.0.0.1:1/x?port=PW", "S://u:PW@127.0.0.1:n/x",
    "S://u:PW@127.0.0.1:1/x/y@z", "S://u:PW@127.0.0.1:1:2/x", "S://127.0.0.1:1/0?ssl_certfile=PW",
    "u:PW@127.0.0.1", "PW@127.0.0.1/x", "PW", " S://u:PW@127.0.0.1/x", "S://u:PW@127.0.0.1:1/x\n",
    "S://u:PW@127.0.0.1,a@PW:1/x", "S://u:PW@127.0.0.1:1/x#PW", "PW://u@127.0.0.1/x",
)  # fmt: skip
SCHEMES = ("postgresql", "POSTGRESQL", "redis", "rediss", "redis+sentinel", "redis+cluster", "unix",
           "sqlite", "mysql")  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_no_message_holds_a_password(form: str, tmp_path: Path) -> None:
    runner, ledger = CliRunner(), f"sqlite:///{tmp_path}/secrets.db"
    open_log(ledger, create=True).close()
    for scheme in SCHEMES:
        url = form.replace("S", scheme, 1).replace("PW", PW)
        for command in (
            ("--db", url, "standing", "--all"),
            ("--db", ledger, "status", "--sql", url),
            ("--db", ledger, "status", "--redis", url),
        ):
            done = runner.invoke(main, command)
            assert done.exit_code == 5, (done.output, done.exception)
            assert done.output.startswith("error: ")
            assert done.output.count("\n") == 1, done.output
            assert PW not in done.output
