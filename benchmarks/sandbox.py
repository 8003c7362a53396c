"""Measures the sandbox: `python -m benchmarks.sandbox`, on quiet cores.

How long a run takes that does nothing, what memory of its own a child holds, and what a backtest of
1,000,000 bars costs inside, compared with the same run outside.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from quantloom.backtest import run_backtest
from quantloom.backtest.preparing import RunSettings, prepare
from quantloom.backtest.sandboxed import SandboxedRun, open_sandbox, run_sandboxed
from quantloom.data import random_walk
from quantloom.sandbox import Profile, Sandbox, Tell, Value
from quantloom.strategy import load_source, presets

WARM, RUNS = 200, 3
SOURCE = Path(presets.__file__).with_name("sma_cross.py")
_KB = 1024


def answer(payload: memoryview, tell: Tell) -> bytes:
    """Answer at once."""
    tell(b"here")
    return bytes(payload)


def hold(payload: memoryview, tell: Tell) -> bytes:  # noqa: ARG001
    """Stay, so that somebody can look."""
    tell(b"here")
    while True:
        time.sleep(60)


def starts(sandbox: Sandbox) -> tuple[list[float], list[float]]:
    """Milliseconds from the call to the first word, and until the child is gone; sorted."""
    first: list[float] = []
    gone: list[float] = []
    for _ in range(WARM):
        began = time.perf_counter()

        def hear(_: bytes, began: float = began) -> None:
            first.append((time.perf_counter() - began) * 1000)

        assert isinstance(sandbox.run(f"{__spec__.name}:answer", b"x", on_progress=hear), Value)
        gone.append((time.perf_counter() - began) * 1000)
    return sorted(first), sorted(gone)


def private_mb(sandbox: Sandbox) -> float:
    """Memory that a child shares with nobody, in MB."""
    found: list[float] = []

    class Seen(Exception):
        """Enough was seen."""

    def look(_: bytes) -> None:
        zygote = sandbox.zygote
        folder = Path(f"/proc/{zygote}/task/{zygote}/children")
        child = folder.read_text().split()[-1]
        lines = Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
        own = [int(line.split()[1]) for line in lines if line.startswith("Private_")]
        found.append(sum(own) / _KB)
        raise Seen

    try:
        sandbox.run(f"{__spec__.name}:hold", b"", on_progress=look)
    except Seen:
        return found[0]
    raise AssertionError("the child ended before anybody looked")


def backtests(sandbox: Sandbox, count: int) -> tuple[float, float]:
    """Seconds of a run outside and inside, each the best of some in turn."""
    source = SOURCE.read_text(encoding="utf-8")
    prepared = prepare(
        load_source(source), random_walk(count, seed=1), RunSettings(size=1, commission=0.001)
    )
    run = SandboxedRun(spec=prepared.spec, source=source, bars=prepared.bars, engine="event")
    outside, inside = [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        expected = run_backtest(prepared.spec, prepared.strategy, prepared.bars, engine="event")
        outside.append(time.perf_counter() - began)
        began = time.perf_counter()
        found = run_sandboxed(sandbox, run)
        inside.append(time.perf_counter() - began)
        assert found.final_equity == expected.final_equity
    return min(outside), min(inside)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a JSON object for each profile."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox", description=__doc__)
    parser.add_argument("--bars", type=int, default=1_000_000)
    bars = parser.parse_args(arguments).bars
    for profile in Profile:
        with open_sandbox(profile=profile, preload=(__spec__.name,)) as sandbox:
            took, gone = starts(sandbox)
            outside_s, inside_s = backtests(sandbox, bars)
            told = {
                "profile": sandbox.layers.profile,
                "start_p50_ms": round(statistics.median(took), 2),
                "start_p95_ms": round(took[int(len(took) * 0.95)], 2),
                "gone_p50_ms": round(statistics.median(gone), 2),
                "private_mb": round(private_mb(sandbox), 2),
                "bars": bars,
                "outside_s": round(outside_s, 3),
                "inside_s": round(inside_s, 3),
                "times": round(inside_s / outside_s, 3),
            }
        print(json.dumps(told))


if __name__ == "__main__":
    main()
