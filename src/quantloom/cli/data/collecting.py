"""`quantloom data collect`: bars from a provider into the catalog."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from quantloom.cli.data.app import app
from quantloom.cli.output import AsJson, print_json, print_table, say, warn
from quantloom.cli.places import DataDir, notes_folder, own_catalog
from quantloom.cli.progress import progress_bar
from quantloom.data import Catalog
from quantloom.data.collecting import (
    Collected,
    Collector,
    CollectSpec,
    Job,
    Ledger,
    note_questions,
    plan,
)
from quantloom.data.providers import (
    MadeUp,
    Provider,
    ProviderSettings,
    Worker,
    open_provider,
)
from quantloom.kit import SystemClock

_TOKEN = "QUANTLOOM_TUSHARE_TOKEN"  # noqa: S105  the name of a variable
_INCOMPLETE = 6
_SHOWN = 3
_EXAMPLES = (
    "Examples: [bold]quantloom data collect akshare 600519.SSE 000001.SZSE --start 2015-01-01"
    "[/bold]; [bold]quantloom data collect ccxt BTC/USDT --timeframe 1h --start 2024-01-01 "
    "--dry-run[/bold]; [bold]quantloom data collect --spec nightly.toml --json[/bold]. Run the "
    "same command again to go on or to bring it up to date."
)


@app.command(epilog=_EXAMPLES)
def collect(
    provider: Annotated[
        str | None,
        typer.Argument(help="akshare, yfinance, tushare, ccxt, file, synthetic or a plug-in."),
    ] = None,
    symbols: Annotated[list[str] | None, typer.Argument(help="In any usual spelling.")] = None,
    *,
    spec: Annotated[
        Path | None, typer.Option(help="A TOML file: provider, symbols, timeframe, start, end.")
    ] = None,
    timeframe: Annotated[str | None, typer.Option(help="Of the bars. \\[default: 1d]")] = None,
    start: Annotated[str | None, typer.Option(help="First day wanted.")] = None,
    end: Annotated[
        str | None, typer.Option(help="First day not wanted. \\[default: up to now]")
    ] = None,
    factors: Annotated[
        bool, typer.Option(help="Also ask for adjustment factors, where there are some.")
    ] = True,
    verify: Annotated[
        bool, typer.Option("--verify", help="Ask all again, to see what the provider changed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be asked.")
    ] = False,
    token_file: Annotated[
        Path | None, typer.Option(help=f"Holds tushare's token. \\[default: ${_TOKEN}]")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Of files, for `file`.")] = None,
    seed: Annotated[int, typer.Option(help="Of made-up bars, for `synthetic`.")] = 1,
    proxy: Annotated[str, typer.Option(help="Of the vendor's process, http://host:port.")] = "",
    ca_file: Annotated[Path | None, typer.Option(help="Certificates it trusts instead.")] = None,
    vendor_python: Annotated[
        Path | None,
        typer.Option(
            help="Interpreter that has the vendors' packages. \\[default: this one]",
            envvar="QUANTLOOM_VENDOR_PYTHON",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask a provider for bars that are missing, check them, and store them in your catalog.

    Every question and every answer is written to collect/ledger.jsonl in the data directory; of a
    catalog in a bucket, in a folder of this machine.
    Stopped at any moment, the same command goes on where it was; finished, it brings the data up
    to date. Bars that the provider has changed since are said and replaced.
    """
    wanted = _spec(
        spec,
        {
            "provider": provider,
            "symbols": symbols or None,
            "timeframe": timeframe,
            "start": start,
            "end": end,
            "factors": None if factors else False,
            "verify": verify or None,
        },
    )
    root, catalog = notes_folder(data_dir), own_catalog(data_dir)
    settings = {
        "token": _token(token_file),
        "folder": folder,
        "made_up": MadeUp(seed=seed),
        "worker": Worker(python=vendor_python, proxy=proxy, ca_file=ca_file),
        "cache": root / "collect" / "cache",
    }
    if dry_run:
        jobs = plan(wanted, catalog, Ledger(root).entries(), SystemClock().now())
        _show_plan(wanted, jobs, as_json=as_json)
        return
    with _collector(wanted, catalog, root, settings) as collector:
        title = f"collecting from {wanted.provider}"
        with progress_bar(title, quiet=as_json) as bar:
            accounts = collector.collect(
                wanted, None if bar is None else lambda done, total, _: bar(done, total)
            )
    _show(wanted, accounts, root, as_json=as_json)
    if any(account.error for account in accounts):
        raise typer.Exit(_INCOMPLETE)


@contextmanager
def _collector(
    spec: CollectSpec, catalog: Catalog, root: Path, settings: dict[str, Any]
) -> Iterator[Collector]:
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(root))
        provider: Provider = open_provider(
            spec.provider,
            ProviderSettings(**settings, heard=note_questions(ledger, SystemClock())),
        )
        stack.callback(provider.close)
        yield Collector(provider, catalog, ledger)


def _spec(file: Path | None, given: dict[str, Any]) -> CollectSpec:
    told = {name: value for name, value in given.items() if value is not None}
    if file is not None:
        return CollectSpec.read(file, **told)
    return CollectSpec.of(**({"timeframe": "1d"} | told))


def _token(file: Path | None) -> str | None:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    return os.environ.get(_TOKEN)


def _show_plan(spec: CollectSpec, jobs: tuple[Job, ...], *, as_json: bool) -> None:
    if as_json:
        told = [
            {
                "symbol": job.symbol,
                "timeframe": str(job.timeframe),
                "start": job.start,
                "end": job.end,
                "missing_from": job.due,
                "days": job.days,
            }
            for job in jobs
        ]
        print_json({"provider": spec.provider, "spans": told})
        return
    if not jobs:
        say("nothing is missing")
        return
    rows = [
        (job.symbol, job.timeframe, f"{job.start:%Y-%m-%d}", f"{job.end:%Y-%m-%d %H:%M}", job.days)
        for job in jobs
    ]
    headings = ("Symbol", "Timeframe", "From", "To", "Trading days")
    print_table(f"Would be asked of {spec.provider}", headings, rows, right="llllr")


def _show(spec: CollectSpec, accounts: tuple[Collected, ...], root: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "provider": spec.provider,
                "timeframe": str(spec.timeframe),
                "ledger": str(Ledger(root).path),
                "symbols": [_plain(account) for account in accounts],
            }
        )
        return
    rows = [
        (
            account.symbol,
            f"{account.added:,}",
            account.changed + account.withdrawn,
            f"{account.info.rows:,}" if account.info else "0",
            (account.info.grade or "") if account.info else "",
            account.error or "up to date",
        )
        for account in accounts
    ]
    headings = ("Symbol", "New bars", "Changed", "Stored", "Grade", "State")
    print_table(f"Collected from {spec.provider}", headings, rows, right="lrrrll")
    for account in accounts:
        if account.problem:
            warn(f"{account.symbol}: {account.problem}")
        for change in account.changes[:_SHOWN]:
            warn(f"{account.symbol}: the provider has changed its history: {change}")
        for note in dict.fromkeys(account.notes[-_SHOWN:]):
            warn(f"note: {account.symbol}: {note}")


def _plain(account: Collected) -> dict[str, object]:
    info = account.info
    return {
        "symbol": account.symbol,
        "spans": account.spans,
        "rows": account.rows,
        "added": account.added,
        "changed": account.changed,
        "withdrawn": account.withdrawn,
        "changes": account.changes,
        "notes": account.notes,
        "error": {"code": account.error, "message": account.problem} if account.error else None,
        "stored": info.rows if info else 0,
        "grade": info.grade if info else None,
        "digest": info.digest if info else None,
    }
