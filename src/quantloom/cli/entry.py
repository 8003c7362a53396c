"""Finding commands late, and the one place where errors become text and exit codes."""

import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from quantloom.cli.failure import speaks_chinese, tell_failure
from quantloom.errors import Unavailable
from quantloom.version import VERSION

ENTRY_POINTS = "quantloom.commands"
STOPPED = 130
_STOPPED = "stopped; nothing half-done was left behind"

_BUILT_IN = {
    "backtest": "Run strategies over history.",
    "data": "Put bars into the catalog and see what is there.",
    "demo": "Backtest the presets over the packaged markets and write reports.",
    "doctor": "Check that everything needed is here and works.",
    "indicator": "See the catalog of indicators.",
    "optimize": "Search for parameters, walk forward, cross-validate.",
    "rules": "See the rules of markets, how well they are known, and what yours would change.",
    "strategy": "List, look at, start and check strategies.",
    "trials": "See how often each strategy was tried.",
}

# Of the service, which is found as other packages are.
_SERVICE = {
    "audit": "Check that the audit trail is untouched.",
    "beat": "Send jobs, fire schedules, deliver the outbox.",
    "config": "See the service's settings.",
    "db": "Bring the service's database to this release's shape.",
    "secrets": "Turn the key of secrets at rest over.",
    "serve": "Serve the REST API.",
    "up": "Run the whole platform on this machine.",
    "user": "Make users and see to their accounts and roles.",
    "worker": "Do the jobs of some queues, or of all.",
}


class ServiceMissing(Unavailable):
    """A command of the service, whose packages are not installed."""

    code = "cli.service_missing"

    def __init__(self, command: str, package: str) -> None:
        super().__init__(command, package)
        self.command, self.package = command, package

    def __str__(self) -> str:
        return (
            f"`quantloom {self.command}` is of the service, which needs {self.package}; install "
            "it: pip install 'quantloom[server]'"
        )


class LateCommand(TyperCommand):
    """Stands for a command in help texts; imports its module when it is called."""

    def __init__(self, point: EntryPoint, help: str) -> None:  # noqa: A002  the base class's word
        super().__init__(point.name, help=help)
        self._point = point

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        command = get_command(self._load())
        return command.make_context(info_name, args, parent, **extra)

    def _load(self) -> Any:
        try:
            return self._point.load()
        except ModuleNotFoundError as missing:
            if self._point.name not in _SERVICE:
                raise
            raise ServiceMissing(str(self._point.name), str(missing.name)) from missing


class LateGroup(TyperGroup):
    """Knows its commands by name, the built-in ones and those of installed packages."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the base class's
        return sorted(_BUILT_IN.keys() | _further().keys())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  the base class's
        if cmd_name in _BUILT_IN:
            point = EntryPoint(cmd_name, f"quantloom.cli.{cmd_name}:app", ENTRY_POINTS)
            return LateCommand(point, _BUILT_IN[cmd_name])
        further = _further().get(cmd_name)
        if further is None:
            return None
        if cmd_name in _SERVICE:
            return LateCommand(further, _SERVICE[cmd_name])
        package = "an installed package" if further.dist is None else further.dist.name
        return LateCommand(further, f"From {package}.")


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
    arguments = sys.argv[1:]
    try:
        # Errors of usage are drawn in boxes unless they are asked to come out.
        left = app(prog_name="quantloom", standalone_mode="--json" not in arguments)
        sys.exit(left if isinstance(left, int) else 0)
    except SystemExit as left:
        # What carries the commands out turns Ctrl-C into this code, and says nothing.
        if left.code == STOPPED:
            told = "已停止。没有留下未写完的文件" if speaks_chinese() else _STOPPED
            print(f"\n{told}", file=sys.stderr)  # noqa: T201
        raise
    except typer.Abort:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  the entry point: told once, never shown raw
        sys.exit(tell_failure(error, arguments))


def _further() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
