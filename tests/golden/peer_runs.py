"""Makes peer_runs.json: what backtesting.py and vn.py give for strategies that were ported here.

`make bench` installs both systems in environments of their own; then
`python -m tests.golden.peer_runs` runs them and writes the file anew. Bars come from the packaged
data and, for GOOG, from the file that backtesting.py ships, which may not be passed on; so the file
keeps numbers alone.
"""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from benchmarks.environments import interpreter

from quantloom.data import demo_catalog
from quantloom.market import Bars
from tests.shared_data import SHARED

GOLDEN = Path(__file__).with_suffix(".json")
_PEERS = Path(__file__).with_name("peers")
_GOOG = SHARED / "data/raw/backtestingpy/GOOG.csv"


@dataclass(frozen=True, slots=True)
class Case:
    """One strategy in one peer over one series; `bars` is how many of the last it runs over."""

    peer: str
    script: str
    strategy: str
    symbol: str
    timeframe: str
    bars: int


CASES = {
    "backtesting-sma-cross-spy": Case(
        "backtesting", "backtesting_py", "sma-cross", "SPY.ARCA", "1d", 2_000
    ),
    "backtesting-sma-cross-goog": Case(
        "backtesting", "backtesting_py", "sma-cross", "GOOG.LOCAL", "1d", 2_148
    ),
    "backtesting-bracket-spy": Case(
        "backtesting", "backtesting_py", "bracket", "SPY.ARCA", "1d", 2_000
    ),
    "vnpy-double-ma-rb": Case("vnpy", "vnpy_cta", "double-ma", "rb-MAIN.SHFE", "1d", 1_404),
    "vnpy-atr-rsi-rb": Case("vnpy", "vnpy_cta", "atr-rsi", "rb-MAIN.SHFE", "5m", 8_000),
}


def read_bars(case: Case) -> Bars:
    """The bars of a case, from the packaged data or from beside the checkout."""
    if case.symbol == "GOOG.LOCAL":
        frame = pd.read_csv(_GOOG, index_col=0, parse_dates=True)
        return Bars.from_frame(frame, case.symbol)
    return demo_catalog().read(case.symbol, case.timeframe)[-case.bars :]


def ask_peer(case: Case, folder: Path) -> dict[str, Any]:
    """Run a case in its peer's own environment."""
    path = folder / "bars.csv"
    frame = read_bars(case).to_frame()[["open", "high", "low", "close", "volume"]]
    frame.to_csv(path)
    script = _PEERS / f"{case.script}.py"
    command = [*map(str, (interpreter(case.peer), script, case.strategy, path))]
    done = subprocess.run(
        command, cwd=folder, env={"HOME": str(folder)}, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def make_golden() -> dict[str, Any]:
    """Run every case."""
    golden: dict[str, Any] = {"source": "tests/golden/peer_runs.py"}
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            digest = {"bars_digest": read_bars(case).digest()}
            golden[name] = digest | ask_peer(case, Path(folder))
    return golden


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(make_golden()).replace(', "', ',\n "') + "\n")
