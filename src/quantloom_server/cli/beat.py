"""`quantloom beat`: keeps jobs, schedules and messages going."""

import asyncio

import typer

from quantloom_server.beat import run_beat
from quantloom_server.platform.logs.channels import open_logs
from quantloom_server.platform.safety import refuse_unsafe
from quantloom_server.platform.telemetry.sentry import open_sentry
from quantloom_server.settings import read_settings

app = typer.Typer(
    add_completion=False,
    subcommand_metavar="",
    help="Send jobs, fire schedules, deliver the outbox.",
)


@app.callback(invoke_without_command=True, epilog="Example: [bold]quantloom beat[/bold]")
def beat() -> None:
    """Keep things going until told to end; of several, one leads and the others stand by."""
    settings = read_settings()
    refuse_unsafe(settings)
    open_logs(settings, process="beat")
    open_sentry(settings, process="beat")
    asyncio.run(run_beat(settings))
