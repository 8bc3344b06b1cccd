"""click: `serve`, the page and the API; `token`, who may ask."""

import ipaddress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.errors import InputError
from ledger.text import safe

if TYPE_CHECKING:
    from replay.web.access.tokens import Tokens

PATH = click.Path(path_type=Path, dir_okay=False)
ACCESS = click.option(
    "--access", metavar="FILE", type=PATH, envvar="PENALTY_LEDGER_ACCESS",
    help="The file of tokens, and of who read whose record.",
)  # fmt: skip
UNITS = {"h": "hours", "d": "days"}


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port."
)
@click.option(
    "--host-name", "names", multiple=True, metavar="NAME",
    help="A name under which browsers ask for it, behind a proxy; may be given again.",
)  # fmt: skip
@ACCESS
@click.option(
    "--archive", metavar="DIR|URL", default="", help="Questions about everybody from this archive."
)
@click.option(
    "--redis", metavar="URL", default="", envvar="PENALTY_LEDGER_REDIS",
    help="Standings out of the read model there (see `project`).",
)  # fmt: skip
@click.option("--prefix", default="pl", show_default=True, help="Of the keys in Redis.")
@click.option(
    "--lang", "language", type=click.Choice(["en", "zh"]), default="en", show_default=True,
    help="Of pages, where nobody has chosen one.",
)  # fmt: skip
@click.option(
    "--rate", type=click.IntRange(1, 10**6), default=50, show_default=True,
    help="Requests a second of one token, or of one address without one; four times that at once.",
)  # fmt: skip
@click.pass_context
def serve_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    /,
    host: str,
    port: int,
    names: tuple[str, ...],
    access: Path | None,
    archive: str,
    redis: str,
    prefix: str,
    language: str,
    rate: int,
) -> None:
    """Serve pages for people and an API for programs, until it is interrupted.

    Without --access everybody on this machine may do everything, so other addresses are refused.
    """
    if access is None and not _loopback(host):
        raise InputError(
            f"{safe(host)} can be reached by others: give --access FILE with tokens"
            " (`penalty-ledger token new`), or leave --host out"
        )
    try:
        from replay.web.app import make
        from replay.web.server import run
    except ImportError as error:
        said = f"`serve` needs more: pip install 'penalty-ledger[web]' ({error})"
        raise click.UsageError(said) from error
    from replay.web.settings import Limits, Settings

    usual = ("127.0.0.1", "localhost", "[::1]")
    settings = Settings(
        ctx.obj["db"], tuple(ctx.obj["rulebooks"]), access, (*usual, *names), archive,
        redis, prefix, language, Limits(rate=float(rate), burst=4 * rate),
    )  # fmt: skip
    app = make(settings)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"serving on http://{shown}:{port}/ (Ctrl-C ends it)", err=True)
    run(app, host, port)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Lasting(click.ParamType[timedelta]):
    """`8h` or `90d`."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """At most a hundred years."""
        if isinstance(value, timedelta):
            return value
        number, unit = value[:-1], UNITS.get(value[-1:])
        if unit is None or not number.isascii() or not number.isdigit() or len(number) > 5:
            self.fail(
                f"found {safe(value[:20])!r}; hours or days are needed, as 8h or 90d", param, ctx
            )
        return timedelta(**{unit: int(number)})


@click.command("new")
@ACCESS
@click.argument("name")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["creator", "operator", "rule_author", "auditor", "admin"]),
    help="What its holder may do.",
)
@click.option("--creator", default="", metavar="ID", help="Whose record a creator's token opens.")
@click.option(
    "--for", "lasting", type=Lasting(), default="90d", show_default=True, help="8h, or 90d."
)
@click.option(
    "--purpose", default="", metavar="TEXT", help="Why its holder reads the records of others."
)
def new_command(
    access: Path | None, name: str, role: str, creator: str, lasting: timedelta, purpose: str
) -> None:
    """Make a token for NAME and print it, this once: only its hash is kept."""
    from replay.web.access.grants import Role

    with _tokens(access, create=True) as tokens:
        seconds = int(lasting.total_seconds())
        click.echo(tokens.new(name, Role(role), seconds, creator, purpose))


@click.command("list")
@ACCESS
def list_command(access: Path | None) -> None:
    """Every token: id, name, role, whose, until when, last used."""
    from datetime import UTC, datetime

    def day(at: int | None) -> str:
        return "" if at is None else f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d %H:%M}Z"

    with _tokens(access) as tokens:
        click.echo("id\tname\trole\tcreator\texpires\tlast used\trevoked")
        for each in tokens.all():
            times = map(day, (each.expires_at, each.used_at, each.revoked_at))
            said = (each.id, safe(each.name), each.role, safe(each.creator), *times)
            click.echo("\t".join(said))


@click.command("revoke")
@ACCESS
@click.argument("token")
def revoke_command(access: Path | None, token: str) -> None:
    """End the token of that id at once, and the sessions that it opened."""
    with _tokens(access) as tokens:
        tokens.revoke(token)


def _tokens(access: Path | None, *, create: bool = False) -> "Tokens":
    from replay.web.access.tokens import Tokens

    if access is None:
        raise click.UsageError("Missing option '--access' (or PENALTY_LEDGER_ACCESS).")
    return Tokens(access, create=create)
