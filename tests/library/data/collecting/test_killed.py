"""Collection that is killed, again and again, ends with what one run would have given."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from quantloom.data import Catalog
from quantloom.data.collecting import Ledger

SYMBOL = "BTC-USDT.BINANCE"
RUN = f"""
import sys
from pathlib import Path
from quantloom.data import Catalog
from quantloom.data.collecting import Collector, CollectSpec, Ledger, planning
from quantloom.data.providers import open_provider

planning._BARS_A_SPAN = 2_400
root = Path(sys.argv[1])
spec = CollectSpec.of(
    provider="synthetic", symbols=["{SYMBOL}"], timeframe="1h", start="2023-02-01", end="2023-11-01"
)
with Ledger(root) as ledger:
    (account,) = Collector(open_provider("synthetic"), Catalog(root), ledger).collect(spec)
assert not account.error, account.problem
"""


def start(root: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", RUN, str(root)])


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


@pytest.mark.untraced
def test_a_collection_killed_after_every_span_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait() == 0

    runs = 1
    while not run_until_a_span_is_done(killed):
        runs += 1
        assert runs < 20

    assert runs > 2
    assert Catalog(killed).info(SYMBOL, "1h").digest == Catalog(whole).info(SYMBOL, "1h").digest
    assert Catalog(killed).info(SYMBOL, "1h").grade == Catalog(whole).info(SYMBOL, "1h").grade


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_a_collection_killed_at_any_moment_ends_as_one_that_was_not(
    tmp_path: Path, seed: int
) -> None:
    whole, killed, drawn = tmp_path / "whole", tmp_path / "killed", np.random.default_rng(seed)
    assert start(whole).wait() == 0

    for longest in np.linspace(0.2, 4.0, 20):
        process = start(killed)
        try:
            process.wait(timeout=float(drawn.uniform(0.0, longest)))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert start(killed).wait() == 0

    assert Catalog(killed).info(SYMBOL, "1h").digest == Catalog(whole).info(SYMBOL, "1h").digest
