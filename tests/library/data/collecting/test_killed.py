"""Collection that is killed, again and again, ends with what one run would have given."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from quantloom.data import Catalog
from quantloom.data.collecting import Ledger

SYMBOL = "BTC-USDT.BINANCE"
RUN = "import sys; from quantloom.cli import main; main()"


def start(root: Path) -> "subprocess.Popen[bytes]":
    arguments = ["data", "collect", "synthetic", SYMBOL, "--timeframe", "5m", "--json"]
    arguments += ["--start", "2023-02-01", "--end", "2024-02-01", "--data-dir", str(root)]
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        env=os.environ | {"HOME": str(root)},
        stdout=subprocess.DEVNULL,
    )


def spans(root: Path) -> int:
    return sum(entry.kind == "bars" for entry in Ledger(root).entries())


def run_until_a_span_is_done(root: Path) -> bool:
    """Kill the run as soon as the ledger has a new span; tells whether it ended by itself."""
    before, process = spans(root), start(root)
    while spans(root) == before:
        try:
            process.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue
        break
    process.send_signal(signal.SIGKILL)
    return process.wait() == 0


def test_a_collection_killed_after_every_span_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait() == 0

    runs = 1
    while not run_until_a_span_is_done(killed):
        runs += 1
        assert runs < 20

    assert runs > 2
    assert Catalog(killed).info(SYMBOL, "5m").digest == Catalog(whole).info(SYMBOL, "5m").digest
    assert Catalog(killed).info(SYMBOL, "5m").grade == Catalog(whole).info(SYMBOL, "5m").grade
