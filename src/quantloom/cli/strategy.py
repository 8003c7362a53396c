"""`quantloom strategy`: list, look at, start and check strategies."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.failure import speaks_chinese
from quantloom.cli.output import AsJson, print_json, print_table, say, user_code
from quantloom.errors import Conflict
from quantloom.strategy import Strategy, list_strategies, load_strategy
from quantloom.strategy.check import Finding, Severity, check_source
from quantloom.strategy.loading import StrategyUnreadable
from quantloom.strategy.starter import starter_files

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, look at, start and check strategies."
)


class FileExists(Conflict):
    """A file to be written is already there."""

    code = "cli.file_exists"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is already there; choose another name or pass --force"


@app.command("list", epilog="Example: [bold]quantloom strategy list --json[/bold]")
def list_all(*, as_json: AsJson = False) -> None:
    """List the presets and the strategies of installed packages."""
    found = list_strategies()
    if as_json:
        print_json({"strategies": [_plain(name, cls) for name, cls in sorted(found.items())]})
        return
    rows = [(name, _parameters(cls), _summary(cls)) for name, cls in sorted(found.items())]
    print_table("Strategies", ("Name", "Parameters", "What it does"), rows)


@app.command(epilog="Example: [bold]quantloom strategy show sma-cross[/bold]")
def show(
    strategy: Annotated[str, typer.Argument(help="A preset, a file or module:Class.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a strategy's parameters with their bounds."""
    with user_code(as_json=as_json):
        cls = load_strategy(strategy)
    if as_json:
        print_json(_plain(strategy, cls))
        return
    say(f"{strategy}: {_summary(cls)}\n")
    rows = [
        (
            spec.name,
            spec.kind.__name__,
            spec.default,
            _text(spec.low),
            _text(spec.high),
            spec.description,
        )
        for spec in cls.parameters.values()
    ]
    print_table("Parameters", ("Name", "Type", "Default", "From", "To", "What it is"), rows)


@app.command(epilog="Example: [bold]quantloom strategy new my_strategy[/bold]")
def new(
    name: Annotated[str, typer.Argument(help="Such as my_strategy.")],
    *,
    folder: Annotated[Path, typer.Option("--dir", help="Where to write.")] = Path(),
    force: Annotated[bool, typer.Option(help="Write over files that are there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented starter strategy and its test."""
    files = starter_files(name)
    paths = {folder / file: text for file, text in files.items()}
    for path in paths:
        if path.exists() and not force:
            raise FileExists(str(path))
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in paths.items():
        path.write_text(text, encoding="utf-8")
    strategy_file = next(iter(paths))
    if as_json:
        print_json({"files": [str(path) for path in paths]})
        return
    for path in paths:
        say(f"wrote {path}")
    say(f"next: quantloom strategy check {strategy_file}")
    say(
        f"then: quantloom backtest run {strategy_file} --symbol SPY.ARCA --timeframe 1d "
        "--report report.html"
    )


@app.command(epilog="Example: [bold]quantloom strategy check my_strategy.py --json[/bold]")
def check(
    file: Annotated[Path, typer.Argument(help="A Python file with a strategy.")],
    *,
    strict: Annotated[bool, typer.Option(help="Leave with 1 at warnings too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look a strategy file over without running it; leaves with 1 if it could not run."""
    findings = check_source(_read(file), filename=str(file))
    counts = {each.value: _count(findings, each) for each in Severity}
    if as_json:
        told = [asdict(finding) for finding in findings]
        print_json({"file": str(file), "counts": counts, "findings": told})
    else:
        _print_findings(file, findings)
    if counts["error"] or (strict and counts["warning"]):
        raise typer.Exit(1)


def _count(findings: Sequence[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise StrategyUnreadable(str(file), "there is no such file") from None
    except OSError as error:
        raise StrategyUnreadable(str(file), str(error)) from error


def _print_findings(file: Path, findings: Sequence[Finding]) -> None:
    chinese = speaks_chinese()
    for one in findings:
        text, hint = (one.text_zh, one.hint_zh) if chinese else (one.text_en, one.hint_en)
        say(f"{file}:{one.line}:{one.column}: {one.severity}: {text} [{one.code}]")
        say(f"    {hint}")
    if not findings:
        say(f"{file}: nothing to say against it")


def _plain(name: str, cls: type[Strategy]) -> dict[str, object]:
    return {
        "name": name,
        "class": f"{cls.__module__}:{cls.__qualname__}",
        "description": _summary(cls),
        "parameters": cls.parameters_schema(),
    }


def _summary(cls: type[Strategy]) -> str:
    return (cls.__doc__ or "").strip().partition("\n\n")[0].replace("\n    ", " ")


def _parameters(cls: type[Strategy]) -> str:
    return ", ".join(f"{spec.name}={spec.default}" for spec in cls.parameters.values())


def _text(value: object) -> str:
    return "" if value is None else str(value)
