"""`quantloom doctor`: is everything here that Quantloom needs, and does it work."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from importlib import metadata, util
from pathlib import Path

import numpy as np
import typer

from quantloom.backtest import backtest
from quantloom.cli.output import AsJson, print_json, print_table
from quantloom.cli.places import DataDir, open_own, place_of
from quantloom.data import demo_catalog, random_walk
from quantloom.errors import QuantloomError
from quantloom.indicators import get_indicator
from quantloom.sandbox import survey
from quantloom.version import VERSION

app = typer.Typer(
    add_completion=False,
    subcommand_metavar="",
    help="Check that everything needed is here and works.",
)

ENTRY_POINTS = "quantloom.checks"
"""Packages name here functions that give checks of their own."""

_NEEDED = ("numpy", "ta-lib", "pyarrow", "msgspec", "typer", "rich")
_OPTIONAL = {
    "pandas": "data frames in and out",
    "jinja2": "the HTML report",
    "plotly": "the HTML report",
    "python-calamine": "Excel and OpenDocument files",
    "h5py": "HDF5 files",
}


class State(StrEnum):
    """How a check went; only `failed` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    state: State
    detail: str


@app.callback(invoke_without_command=True, epilog="Example: [bold]quantloom doctor --json[/bold]")
def doctor(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check that everything needed is here and works; leaves with 1 if something fails."""
    checks = [*_checks(data_dir)]
    if as_json:
        print_json({"version": VERSION, "checks": [asdict(check) for check in checks]})
    else:
        rows = [(check.name, check.state, check.detail) for check in checks]
        print_table(f"Quantloom {VERSION}", ("Check", "State", "Detail"), rows)
    if any(check.state is State.FAILED for check in checks):
        raise typer.Exit(1)


def _checks(data_dir: str | None) -> Iterator[Check]:
    yield Check("python", State.OK, f"{platform.python_version()} at {sys.executable}")
    yield Check("machine", State.OK, f"{platform.machine()}, {os.cpu_count()} processors")
    for package in _NEEDED:
        yield _try(package, partial(metadata.version, package))
    for package, purpose in _OPTIONAL.items():
        here = util.find_spec(package.replace("-", "_")) is not None
        hint = f"for {purpose}; pip install 'quantloom[all]'"
        detail = metadata.version(package) if here else hint
        yield Check(package, State.OK if here else State.MISSING, detail)
    yield _try("demonstration set", _demo)
    yield _try("indicators", _indicator)
    yield _try("engine", _engine)
    yield from _sandbox()
    yield _try("your catalog", lambda: _catalog(data_dir))
    for point in metadata.entry_points(group=ENTRY_POINTS):
        yield from _of_package(point)


def _of_package(point: metadata.EntryPoint) -> Iterator[Check]:
    """What an installed package checks of its own; the service is one."""
    try:
        look = point.load()
    except ModuleNotFoundError as missing:
        hint = f"needs {missing.name}; pip install 'quantloom[server]'"
        yield Check(point.name, State.MISSING, hint)
        return
    yield from look()


def _try(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, State.OK, look())
    except Exception as error:  # noqa: BLE001  whatever it is, it belongs in the table
        return Check(name, State.FAILED, f"{type(error).__name__}: {error}")


def _demo() -> str:
    found = demo_catalog().list()
    return f"{len(found)} datasets, {sum(info.rows for info in found):,} bars"


def _indicator() -> str:
    bars = random_walk(64, seed=1)
    values = get_indicator("SMA").bind(4).compute(bars)
    mean = float(np.mean(bars.close[-4:]))
    last = float(next(iter(values.values()))[-1])
    if abs(last - mean) > 1e-9 * mean:
        raise ArithmeticError(f"SMA(4) gives {last}, the mean is {mean}")
    return "TA-Lib answers, values right"


def _engine() -> str:
    bars = random_walk(500, seed=1)
    first, second = (
        backtest("sma-cross", bars, size=1, trials=False, audit=False) for _ in range(2)
    )
    if first.to_bytes() != second.to_bytes():
        raise ArithmeticError("the same run gave two results")
    return f"{len(first.fills)} fills, the same twice"


def _sandbox() -> Iterator[Check]:
    """What holds user code of the service; without it only one's own may be run."""
    try:
        layers = survey()
    except QuantloomError as error:
        yield Check("sandbox", State.MISSING, str(error))
        return
    standing = {
        "seccomp": layers.seccomp,
        f"Landlock {layers.landlock}": layers.landlock > 0,
        "namespaces of its own": layers.namespaces,
        "a user of its own": layers.own_user,
    }
    told = ", ".join(name for name, stands in standing.items() if stands)
    refused = "neither seccomp nor Landlock: code of users is refused"
    yield Check(
        "sandbox",
        State.OK if layers.hold else State.MISSING,
        f"{layers.profile}: {told}" if layers.hold else refused,
    )
    for gap in layers.gaps:
        name, _, meaning = gap.partition(": ")
        yield Check(f"sandbox {name}", State.MISSING, meaning)


def _catalog(data_dir: str | None) -> str:
    place = place_of(data_dir)
    if isinstance(place, Path):
        _demand_writable(place)
    for error in open_own(data_dir).damaged():
        raise error
    is_there = isinstance(place, str) or place.exists()
    return f"{place}" if is_there else f"{place} (made by the first import)"


def _demand_writable(folder: Path) -> None:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise PermissionError(f"{nearest} cannot be written; pass --data-dir")
