"""253 real decisions on Formula 1 super licences against the totals that the officials printed."""

import csv
from pathlib import Path
from typing import Any

from demo_parts.checks import EXAMPLES, Checks, audits, bring_in
from rich.console import Console
from rich.table import Table

HERE = EXAMPLES / "super-licence"
AS_OF = "2025-12-31T00:00:00+00:00"
PRINTED, MET, KNOWN = 249, 227, 22
BAN = ("kevin-magnussen", "F1-2024-197", "2024-09-01")


def show(console: Console, checks: Checks, folder: Path) -> None:
    console.rule("[bold]Penalty points on Formula 1 super licences, 2019-2025")
    db = f"sqlite:///{folder}/f1.db"
    own = HERE / "rulebooks"
    bring_in(db, HERE / "decisions.csv", "--mapping", HERE / "mapping.toml", own=own)
    bring_in(db, HERE / "races.jsonl", own=own)
    drivers = audits(db, AS_OF, own)
    rulings = {r["event"]: r for audit in drivers.values() for r in audit["rulings"]}
    printed = (HERE / "official_totals.csv").read_text(encoding="utf-8")
    totals = list(csv.DictReader(printed.splitlines()))
    unmet = compare(checks, totals, rulings)
    met = len(totals) - len(unmet)
    checks.equal("totals that the officials printed", len(totals), PRINTED)
    checks.equal("totals met", met, MET)
    checks.equal("known exceptions", len(unmet), KNOWN)
    console.print(
        f"{len(drivers)} drivers, {len(rulings)} facts. The documents print a total {PRINTED} "
        f"times; the replay meets {met}. The others, each with its reason:"
    )
    console.print(exceptions(unmet, rulings))
    bans(console, checks, drivers)


def compare(
    checks: Checks, totals: list[dict[str, str]], rulings: dict[str, Any]
) -> list[dict[str, str]]:
    """The totals that the replay does not meet; each has to be a known one, and no other."""
    unmet = []
    for total in totals:
        found = rulings[total["event_id"]]["score_after"]
        if found == total["official_total_12_months"]:
            if total["known_exception"]:
                checks.failed.append(f"{total['event_id']}: met, though a known exception")
            continue
        unmet.append(total)
        if not total["known_exception"]:
            what = f"{total['event_id']} {total['driver']}"
            checks.equal(what, found, total["official_total_12_months"])
    return unmet


def exceptions(unmet: list[dict[str, str]], rulings: dict[str, Any]) -> Table:
    table = Table(expand=True)
    for name in ("decision", "date", "driver", "printed", "replay", "why they differ"):
        right = name in {"printed", "replay"}
        table.add_column(name, justify="right" if right else "left", no_wrap=name == "decision")
    for total in unmet:
        table.add_row(
            total["event_id"],
            total["date"],
            total["driver"],
            total["official_total_12_months"],
            rulings[total["event_id"]]["score_after"],
            total["known_exception"].replace("_", " "),
        )
    return table


def bans(console: Console, checks: Checks, drivers: dict[str, Any]) -> None:
    """Nothing but the points leads to a ban: the stewards' own one is not read for it."""
    found = []
    for driver, audit in drivers.items():
        for ruling in audit["rulings"]:
            if any(e["kind"] == "node_started" for e in ruling["effects"]):
                found.append((driver, ruling["event"], ruling["effective_at"][:10]))
    checks.equal("bans found", found, [BAN])
    for driver, _, day in found:
        [ban] = drivers[driver]["standing"]["sanctions"]
        console.print(
            f"Ban found: [bold]{driver}[/] on {day}, {ban['feature']}; served with the race of "
            f"{ban['until'][:10]}, which takes the twelve points away.",
            soft_wrap=True,
        )
        checks.equal("ban served", (ban["state"], ban["until"][:10]), ("served", "2024-09-15"))
