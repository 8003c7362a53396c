"""`quantloom beat`: keeps jobs, schedules and messages going."""

import asyncio

import typer

from quantloom_server.beat import run_beat
from quantloom_server.settings import Settings

app = typer.Typer(
    add_completion=False,
    subcommand_metavar="",
    help="Send jobs, fire schedules, deliver the outbox.",
)


@app.callback(invoke_without_command=True, epilog="Example: [bold]quantloom beat[/bold]")
def beat() -> None:
    """Keep things going until told to end; of several, one leads and the others stand by."""
    asyncio.run(run_beat(Settings()))
