"""`quantloom secrets`: the key that seals secrets at rest."""

import asyncio

import typer

from quantloom.cli.output import AsJson, print_json, print_table
from quantloom_server.identity.sealed import SEALED
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.opening import needed
from quantloom_server.platform.rotation import Progress, rotate
from quantloom_server.platform.secrets import Vault
from quantloom_server.settings import Settings, read_settings
from quantloom_server.up import equip

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Turn the key of secrets at rest over."
)
_KEPT = 1


@app.callback()
def secrets() -> None:
    """Turn the key of secrets at rest over."""


@app.command(
    "rotate",
    epilog="Example: put the new key into QUANTLOOM_ENCRYPTION_KEY and the old one into "
    "QUANTLOOM_PREVIOUS_ENCRYPTION_KEYS, start the processes anew, then "
    "[bold]quantloom secrets rotate[/bold]",
)
def rotate_keys(*, as_json: AsJson = False) -> None:
    """Seal every secret under the present key; exit 1 if some open by none. Safe to run again."""
    done = asyncio.run(_rotate(equip(read_settings())))
    if as_json:
        print_json(
            [{"table": each.table, "turned": each.turned, "kept": each.kept} for each in done]
        )
    else:
        rows = [(each.table, str(each.turned), ", ".join(each.kept)) for each in done]
        print_table("Secrets at rest", ("Table", "Turned over", "Opened by no key"), rows)
    if any(each.kept for each in done):
        raise typer.Exit(_KEPT)


async def _rotate(settings: Settings) -> list[Progress]:
    url = needed(settings.database_owner_url or settings.database_url, "QUANTLOOM_DATABASE_URL")
    vault = Vault(KeyRing.at_rest(settings))
    return [each async for each in rotate(url, vault, SEALED)]
