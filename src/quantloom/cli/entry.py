"""Finding commands late, and the one place where errors become text and exit codes."""

import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from quantloom.cli.failure import tell_failure
from quantloom.version import VERSION

ENTRY_POINTS = "quantloom.commands"
_BUILT_IN = ("backtest", "data", "demo", "doctor", "indicator", "strategy")


class LateGroup(TyperGroup):
    """Imports a command's module when the command is asked for, not before."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the base class's
        return sorted({*_BUILT_IN, *_further()})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  the base class's
        if cmd_name in _BUILT_IN:
            app = import_module(f"quantloom.cli.{cmd_name}").app
        elif cmd_name in _further():
            app = _further()[cmd_name].load()
        else:
            return None
        command = get_command(app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=LateGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A first look: [bold]quantloom demo[/bold]. Each command has --help with examples.",
)


def _version(value: bool) -> None:  # noqa: FBT001  typer passes it so
    if value:
        print(f"quantloom {VERSION}")  # noqa: T201  what was asked for
        raise typer.Exit


@app.callback()
def quantloom(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """Research, backtest and trade one strategy class with one engine."""


def main() -> None:
    """Run the command line; leaves the process with the command's exit code."""
    try:
        app(prog_name="quantloom")
    except KeyboardInterrupt:
        print("\nstopped; nothing half-done was left behind", file=sys.stderr)  # noqa: T201
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  the entry point: told once, never shown raw
        sys.exit(tell_failure(error, sys.argv[1:]))


def _further() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
