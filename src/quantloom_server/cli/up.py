"""`quantloom up`: the whole platform in the foreground, or started once and checked."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from quantloom.kit.clock import SystemClock
from quantloom_server.platform.supervision.board import State, Status
from quantloom_server.platform.supervision.console import Console, LogFormat, wants_colour
from quantloom_server.settings import read_settings
from quantloom_server.up import COMMANDS, supervise

app = typer.Typer(
    add_completion=False,
    subcommand_metavar="",
    help="Run the whole platform on this machine.",
)

_NOT_READY = 1
# What `ready` stands for.
_CHECKED = {
    "postgres": "asks for a password on its socket; the schema is this release's",
    "valkey": "answers a ping on its socket",
    "serve": "GET /health/ready answers: database, migrations, Valkey",
    "worker": "takes jobs from the queues",
    "beat": "fires schedules, or stands by",
}


@app.callback(
    invoke_without_command=True,
    epilog="Examples: [bold]quantloom up[/bold], and Ctrl-C to stop; "
    "[bold]quantloom up --check[/bold]",
)
def up(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Start everything, check it, stop it; exit 1 if not well."),
    ] = False,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="Lines for people, or JSON for machines.")
    ] = LogFormat.TEXT,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --check: print one JSON object instead of a table.")
    ] = False,
) -> None:
    """Start PostgreSQL, Valkey, migrations and every process; keep them running until Ctrl-C."""
    # The result of a check goes to standard output, so its log must not.
    out = sys.stderr if check else sys.stdout
    coloured = log_format is LogFormat.TEXT and wants_colour(out, os.environ)
    console = Console(out, clock=SystemClock(), form=log_format, coloured=coloured)
    try:
        found = asyncio.run(_run(console, check=check))
    finally:
        console.close()
    if not check:
        return
    _print(found, as_json=as_json)
    if any(each.state is not State.READY for each in found):
        raise typer.Exit(_NOT_READY)


async def _run(console: Console, *, check: bool) -> Sequence[Status]:
    supervisor = supervise(read_settings(), console, COMMANDS)
    if check:
        return await supervisor.check()
    await supervisor.run()
    return ()


def _print(found: Sequence[Status], *, as_json: bool) -> None:
    if as_json:
        ready = all(each.state is State.READY for each in found)
        body = {"ready": ready, "processes": [_row(each) for each in found]}
        print(json.dumps(body, indent=2))  # noqa: T201
        return
    for each in found:
        told = f"{each.name:<12} {each.state:<12} {each.last_exit or _checked(each)}"
        print(told.rstrip())  # noqa: T201


def _checked(status: Status) -> str:
    return _CHECKED.get(status.name, "") if status.state is State.READY else ""


def _row(status: Status) -> dict[str, str | int]:
    return {
        "name": status.name,
        "state": status.state,
        "checked": _checked(status),
        "restarts": status.restarts,
        "last_exit": status.last_exit,
    }
