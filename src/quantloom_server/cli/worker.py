"""`quantloom worker`: does jobs."""

from typing import Annotated

import typer

from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.logs.channels import open_logs
from quantloom_server.platform.safety import refuse_unsafe
from quantloom_server.platform.telemetry.sentry import open_sentry
from quantloom_server.settings import read_settings
from quantloom_server.worker import run_worker

app = typer.Typer(
    add_completion=False, subcommand_metavar="", help="Do the jobs of some queues, or of all."
)


@app.callback(
    invoke_without_command=True,
    epilog="Example: [bold]quantloom worker --queues backtest,optimise --processes 8[/bold]",
)
def worker(
    *,
    queues: Annotated[
        str,
        typer.Option("--queues", help="Which queues to serve, parted by commas; all if left out."),
    ] = "",
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            min=1,
            help="How many jobs to do at a time; QUANTLOOM_WORKER_PROCESSES if left out.",
        ),
    ] = None,
) -> None:
    """Do jobs until told to end; a job that is not done by then is given back."""
    settings = read_settings()
    refuse_unsafe(settings)
    open_logs(settings, process="worker")
    open_sentry(settings, process="worker")
    code = run_worker(
        settings, queues=_read(queues), processes=processes or settings.worker_processes
    )
    raise typer.Exit(code)


def _read(text: str) -> list[Queue]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Queue)]
    if unknown:
        known = ", ".join(Queue)
        raise typer.BadParameter(f"there is no queue {unknown[0]!r}; choose from {known}")
    return [Queue(name) for name in names] or [*Queue]
