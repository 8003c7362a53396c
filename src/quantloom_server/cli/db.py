"""`quantloom db`: the database in the shape that this release needs."""

import asyncio
from typing import Annotated

import typer

from quantloom.cli.output import AsJson, print_json
from quantloom_server.platform import migrating
from quantloom_server.platform.migrating import Shape
from quantloom_server.platform.opening import needed
from quantloom_server.settings import read_settings
from quantloom_server.up import equip

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Bring the database to this release's shape."
)
_BEHIND = 1


@app.callback()
def db() -> None:
    """Bring the database to this release's shape."""


@app.command(epilog="Example: [bold]quantloom db upgrade[/bold]")
def upgrade(*, as_json: AsJson = False) -> None:
    """Run the migrations that are missing. One that was interrupted is simply run again."""
    _tell(asyncio.run(migrating.upgrade(_owner_url())), as_json=as_json)


@app.command(epilog="Example: [bold]quantloom db check && systemctl start quantloom@serve[/bold]")
def check(*, as_json: AsJson = False) -> None:
    """Say whether migrations are missing; exit 1 if so."""
    shape = asyncio.run(migrating.shape_of(_owner_url()))
    _tell(shape, as_json=as_json)
    if not shape.is_current:
        raise typer.Exit(_BEHIND)


@app.command(epilog="Example: [bold]quantloom db downgrade 0003 --yes[/bold]")
def downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to; `base` is none.")],
    *,
    is_sure: Annotated[
        bool, typer.Option("--yes", help="Do not ask; what later tables hold is lost.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Undo migrations, with all that their tables hold."""
    if not is_sure:
        typer.confirm(f"Everything that came after {revision} is deleted. Go on?", abort=True)
    _tell(asyncio.run(migrating.downgrade(_owner_url(), revision)), as_json=as_json)


def _owner_url() -> str:
    settings = equip(read_settings())
    return needed(settings.database_owner_url or settings.database_url, "QUANTLOOM_DATABASE_URL")


def _tell(shape: Shape, *, as_json: bool) -> None:
    if as_json:
        told = {"present": shape.present, "needed": shape.needed, "is_current": shape.is_current}
        print_json(told)
        return
    present = shape.present or "empty"
    state = "as needed" if shape.is_current else f"needs {shape.needed}: quantloom db upgrade"
    typer.echo(f"database at {present}, {state}")
