"""`quantloom audit`: is the trail as it was sealed."""

import asyncio
from typing import Annotated

import typer

from quantloom.cli.output import AsJson, print_json, print_table
from quantloom_server.audit.sealing import Verdict, verify
from quantloom_server.platform.database import Database
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.opening import needed
from quantloom_server.settings import Settings, read_settings
from quantloom_server.up import equip

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Check that the audit trail is untouched."
)
_BROKEN = 1
_SHOWN = 20


@app.callback()
def audit() -> None:
    """Check that the audit trail is untouched."""


@app.command("verify", epilog="Example: [bold]quantloom audit verify --json[/bold]")
def verify_chain(
    *,
    as_json: AsJson = False,
    most: Annotated[
        int, typer.Option("--most", min=1, help="How many broken places to show.")
    ] = _SHOWN,
) -> None:
    """Walk the whole chain; exit 1 if an act was changed, removed, moved or slipped in."""
    verdict = asyncio.run(_verify(equip(read_settings())))
    if as_json:
        print_json(
            {
                "holds": verdict.holds,
                "sealed": verdict.sealed,
                "waiting": verdict.waiting,
                "breaks": [
                    {"seq": each.seq, "entry_id": str(each.entry_id), "problem": each.problem}
                    for each in verdict.breaks
                ],
            }
        )
    else:
        _tell(verdict, most)
    if not verdict.holds:
        raise typer.Exit(_BROKEN)


async def _verify(settings: Settings) -> Verdict:
    database = await Database.open(needed(settings.database_url, "QUANTLOOM_DATABASE_URL"))
    try:
        return await verify(database, KeyRing.of(settings), settings.anchor_path)
    finally:
        await database.close()


def _tell(verdict: Verdict, most: int) -> None:
    if verdict.holds:
        typer.echo(f"The chain of {verdict.sealed} acts holds; {verdict.waiting} wait for seals.")
        return
    shown = verdict.breaks[:most]
    print_table(
        f"The chain of {verdict.sealed} acts is broken in {len(verdict.breaks)} places",
        ("Link", "Entry", "Problem"),
        [(str(each.seq), str(each.entry_id or ""), each.problem) for each in shown],
    )
