"""The ledger of trials: what counts, what does not, and what harm it survives."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import (
    BacktestResult,
    BadLineage,
    Lineage,
    NoLineage,
    TrialLedger,
    TrialsNotCounted,
    TrialSums,
    backtest,
    count_trials,
    load_result,
)
from quantloom.data import random_walk
from quantloom.kit import FloatArray
from quantloom.market import Bar
from quantloom.performance import deflated_sharpe_ratio, expected_best_sharpe
from quantloom.strategy import Context, Parameter, Strategy

BARS = random_walk(200, seed=4, timeframe="1d")
LINEAGE = Lineage("Drift", ("DEMO.LOCAL",))


class Drift(Strategy):
    """Holds for some days, then waits as long."""

    days: int = Parameter(5, low=1, high=100)

    def initialize(self, ctx: Context) -> None:
        self.seen = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.seen += 1
        ctx.target_quantity(bar.symbol, self.seen // self.days % 2)


class Rise(Drift):
    lineage = "Drift"


def run(folder: Path | bool, strategy: type[Strategy] = Drift, **given: Any) -> BacktestResult:
    return backtest(strategy, given.pop("bars", BARS), trials=folder, **given)


def counted(result: BacktestResult) -> int:
    assert result.trials is not None
    return result.trials.count


def test_each_other_run_of_a_lineage_is_a_trial(tmp_path: Path) -> None:
    runs = [run(tmp_path, parameters={"days": days}) for days in (2, 3, 5, 8)]

    assert [counted(one) for one in runs] == [1, 2, 3, 4]


def test_the_same_run_again_is_no_new_trial(tmp_path: Path) -> None:
    first, _, again = run(tmp_path), run(tmp_path, parameters={"days": 9}), run(tmp_path)

    assert [counted(first), counted(again)] == [1, 2]
    assert first.to_bytes() == again.to_bytes()


@pytest.mark.parametrize(
    "other",
    [
        {"cash": 50_000},
        {"bars": random_walk(200, seed=5, timeframe="1d")},
        {"strategy": Rise},
        {"commission": 0.001},
    ],
)
def test_other_terms_data_or_code_make_another_trial(tmp_path: Path, other: dict[str, Any]) -> None:
    run(tmp_path)

    assert counted(run(tmp_path, **other)) == 2


def test_other_instruments_and_other_strategies_are_counted_apart(tmp_path: Path) -> None:
    class Other(Drift):
        pass

    run(tmp_path)
    elsewhere = random_walk(200, seed=4, timeframe="1d", symbol="ELSE.LOCAL")

    assert counted(run(tmp_path, bars=elsewhere)) == 1
    assert counted(run(tmp_path, Other)) == 1


def test_a_result_is_judged_by_all_trials_of_its_lineage(tmp_path: Path) -> None:
    runs = [run(tmp_path, parameters={"days": days}) for days in (2, 3, 5, 8, 13)]
    yearly = np.sqrt(runs[0].calendar.periods_per_year)
    ratios = [(one.metrics.sharpe_ratio or 0.0) / yearly for one in runs]

    last, metrics = runs[-1].trials, runs[-1].metrics

    assert last is not None
    assert last.deflated_sharpe_ratio == metrics.deflated_sharpe_ratio
    assert (metrics.trial_count, last.lineage, last.symbols) == (5, "Drift", ("DEMO.LOCAL",))
    assert last.sharpe_spread == pytest.approx(np.std(ratios, ddof=1) * yearly)
    assert metrics.deflated_sharpe_ratio == pytest.approx(
        deflated_sharpe_ratio(
            ratios[-1],
            days=metrics.trading_days,
            trials=5,
            variance=float(np.var(ratios, ddof=1)),
            skewness=metrics.skewness or 0,
            kurtosis=metrics.kurtosis or 0,
        )
    )
    assert (metrics.deflated_sharpe_ratio or 1) < (metrics.probabilistic_sharpe_ratio or 0)


def test_the_first_trial_deflates_nothing(tmp_path: Path) -> None:
    metrics = run(tmp_path).metrics

    assert metrics.deflated_sharpe_ratio == pytest.approx(metrics.probabilistic_sharpe_ratio)


def test_a_run_that_is_not_counted_says_so(tmp_path: Path) -> None:
    result = run(folder=False)

    assert result.trials is None
    assert result.metrics.reasons["deflated_sharpe_ratio"] == "trials_not_counted"
    assert not list(tmp_path.iterdir())


def test_a_saved_result_keeps_its_count_and_may_be_saved_again(tmp_path: Path) -> None:
    first = run(tmp_path)
    first.save(tmp_path / "kept")
    run(tmp_path, parameters={"days": 9})

    run(tmp_path).save(tmp_path / "kept")

    loaded = load_result(tmp_path / "kept")
    assert counted(loaded) == 2
    assert loaded.metrics == run(tmp_path).metrics


def test_a_sweep_is_one_line_that_counts_all_its_sets(tmp_path: Path) -> None:
    sharpe = np.random.default_rng(1).standard_normal(10_000) * 0.05
    sharpe[17] = np.nan

    sums = count_trials(LINEAGE, "a sweep", TrialSums.of(sharpe, 500), trials=tmp_path)
    again = count_trials(LINEAGE, "a sweep", TrialSums.of(sharpe, 500), trials=tmp_path)

    assert sums == again
    assert sums is not None
    assert (sums.count, sums.measured) == (10_000, 9_999)
    assert sums.variance_over(500) == pytest.approx(np.nanvar(sharpe, ddof=1), rel=1e-12)
    assert len((tmp_path / "trials" / LINEAGE.file).read_text().splitlines()) == 2


def test_a_line_that_a_killed_process_left_unfinished_is_passed_over(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    ledger.count(LINEAGE, "one", TrialSums.of(0.1, 60))
    file = ledger.folder / LINEAGE.file
    whole = file.read_bytes()

    for torn in (b'["two",1,1,0.', b'{"name":"Dr', b"\xff\xfe"):
        file.write_bytes(whole + torn)
        assert TrialLedger(tmp_path).find(LINEAGE).count == 1
        assert ledger.count(LINEAGE, "three", TrialSums.of(0.2, 60)).count == 2
        assert ledger.list()[0].lineage == LINEAGE


def test_a_file_whose_first_line_is_torn_still_knows_its_lineage(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    ledger.folder.mkdir()
    (ledger.folder / LINEAGE.file).write_bytes(b'{"name":"Dri')

    ledger.count(LINEAGE, "one", TrialSums.of(0.1, 60))

    assert [(one.lineage, one.sums.count) for one in ledger.list()] == [(LINEAGE, 1)]


def test_threads_count_side_by_side(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda row: ledger.count(LINEAGE, str(row), TrialSums.of(0.1, 60)), range(200))
        )

    assert ledger.find(LINEAGE).count == 200


WRITER = """
import sys
from quantloom.backtest import Lineage, TrialLedger, TrialSums
ledger = TrialLedger(sys.argv[1])
print("ready", flush=True)
for row in range(int(sys.argv[3])):
    ledger.count(Lineage("Drift", ("DEMO.LOCAL",)), f"{sys.argv[2]}-{row}", TrialSums.of(0.1, 60))
"""


def writer(folder: Path, name: str, rows: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(folder), name, str(rows)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


@pytest.mark.untraced
def test_two_processes_and_one_that_is_killed_lose_no_line(tmp_path: Path) -> None:
    killed = writer(tmp_path, "killed", 10_000_000)
    others = [writer(tmp_path, name, 300) for name in ("one", "two")]
    assert killed.stdout is not None
    killed.stdout.readline()
    file = tmp_path / "trials" / LINEAGE.file
    deadline = time.monotonic() + 60
    while not (file.exists() and b"killed" in file.read_bytes()) and time.monotonic() < deadline:
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    codes = [other.wait() for other in others]
    for process in (killed, *others):
        process.communicate()

    keys = [line.split('"')[1] for line in file.read_text().splitlines()[1:] if '"' in line]

    assert codes == [0, 0]
    assert len([key for key in keys if key.startswith(("one-", "two-"))]) == 600
    assert TrialLedger(tmp_path).find(LINEAGE).count == len(set(keys))


def test_forgetting_takes_the_lineage_away_and_counting_begins_anew(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    ledger.count(LINEAGE, "one", TrialSums.of(0.1, 60))

    assert ledger.forget(LINEAGE).count == 1

    assert ledger.list() == ()
    assert ledger.count(LINEAGE, "one", TrialSums.of(0.1, 60)).count == 1
    assert ledger.forget(LINEAGE).count == 1
    with pytest.raises(NoLineage, match="Drift on DEMO"):
        ledger.forget(LINEAGE)


def test_a_ledger_that_cannot_be_written_warns_and_leaves_the_run_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.warns(TrialsNotCounted, match="cannot be written"):
        result = run(tmp_path / "file")

    assert result.trials is None
    assert len(result.fills)


def test_a_lineage_that_is_no_text_is_refused() -> None:
    class Odd(Drift):
        lineage = 5  # type: ignore[assignment]

    with pytest.raises(BadLineage, match=r"Odd\.lineage is 5"):
        Lineage.of(Odd, ["DEMO.LOCAL"])


def test_names_that_spell_alike_have_files_of_their_own() -> None:
    names = ["a/b", "a-b", "a.b", "a" * 200, "a" * 201, "趋势"]

    files = {Lineage(name, ("X",)).file for name in names}

    assert len(files) == len(names)
    assert all(os.sep not in file and len(file.encode()) < 255 for file in files)


def test_a_run_is_counted_in_well_below_a_millisecond(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    took = []
    for row in range(300):
        started = time.perf_counter()
        ledger.count(LINEAGE, str(row), TrialSums.of(0.1, 60))
        took.append(time.perf_counter() - started)

    assert np.median(took) < 1e-3


def judged(sums: TrialSums, sharpe: float, days: int) -> float:
    """What the ledger makes of a run with normal returns."""
    return deflated_sharpe_ratio(
        sharpe, days=days, trials=sums.count, variance=sums.variance_over(days)
    )


def sharpe_of(returns: FloatArray) -> FloatArray:
    ratios: FloatArray = returns.mean(axis=-1) / returns.std(axis=-1, ddof=1)
    return ratios


def test_trials_as_long_as_the_run_judge_it_by_their_plain_variance() -> None:
    ratios = np.random.default_rng(2).standard_normal(64) * 0.02 + 0.05
    one_by_one = sum((TrialSums.of(one, 2_520) for one in ratios), TrialSums())

    for sums in (TrialSums.of(ratios, 2_520), one_by_one):
        assert sums.variance_over(2_520) == pytest.approx(np.var(ratios, ddof=1), rel=1e-12)
        assert sums.mean == pytest.approx(ratios.mean(), rel=1e-12)
        assert sums.longest == 2_520


def test_a_common_ratio_of_long_and_short_trials_is_no_spread() -> None:
    sums = TrialSums.of([0.04] * 6, [60, 60, 250, 250, 5_000, 5_000])

    assert sums.variance_over(5_000) == pytest.approx(0.0, abs=1e-15)


def test_short_trials_of_noise_raise_the_bar_of_a_long_run_no_more_than_long_ones() -> None:
    draw = np.random.default_rng(11)
    days = np.repeat([60, 5_000], [500, 4])
    bars, plain = [], []
    for _ in range(40):
        short, long = draw.standard_normal((500, 60)), draw.standard_normal((4, 5_000))
        ratios = np.concatenate([sharpe_of(short), sharpe_of(long)])
        sums = TrialSums.of(ratios, days)
        bars.append(expected_best_sharpe(504, sums.variance_over(5_000)) * np.sqrt(4_999))
        plain.append(expected_best_sharpe(504, float(ratios.var(ddof=1))) * np.sqrt(4_999))

    assert np.mean(bars) == pytest.approx(expected_best_sharpe(504, 1.0), rel=0.02)
    assert np.mean(plain) > 8 * np.mean(bars)


def test_a_long_run_that_leads_by_luck_is_as_often_above_its_bar_as_below() -> None:
    draw = np.random.default_rng(12)
    days = np.repeat([60, 600], 100)
    found = []
    for _ in range(200):
        short, long = draw.standard_normal((100, 60)), draw.standard_normal((100, 600))
        ratios = np.concatenate([sharpe_of(short), sharpe_of(long)])
        leader = int((ratios * np.sqrt(days - 1)).argmax())
        if days[leader] == 600:
            found.append(judged(TrialSums.of(ratios, days), float(ratios[leader]), 600))

    assert len(found) > 60
    assert 0.4 < np.median(found) < 0.6
    assert min(found) > 0.05
    assert np.mean(np.array(found) > 0.95) < 0.05


def test_an_edge_in_the_long_run_is_found_among_many_short_trials() -> None:
    draw = np.random.default_rng(13)
    short = sharpe_of(draw.standard_normal((500, 60)))
    edge = float(sharpe_of(draw.standard_normal(5_000) + 0.09))
    sums = TrialSums.of(short, 60) + TrialSums.of(edge, 5_000)

    assert judged(sums, edge, 5_000) > 0.95
    plain = float(np.append(short, edge).var(ddof=1))
    assert deflated_sharpe_ratio(edge, days=5_000, trials=501, variance=plain) < 0.001


@pytest.mark.parametrize("days", [0, 1, np.nan])
def test_a_ratio_of_no_length_is_none(days: float) -> None:
    assert TrialSums.of(0.1, days) == TrialSums(count=1)


def test_lines_of_an_older_ledger_count_as_trials_without_merit(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    ledger.folder.mkdir()
    head = '{"name":"Drift","symbols":["DEMO.LOCAL"]}\n'
    lines = '["one",1,1,0.1,0.01]\n["some",9,8,0.4,0.02]\n["none",1,0,0.0,0.0]\n'
    (ledger.folder / LINEAGE.file).write_text(head + lines)

    old = ledger.find(LINEAGE)
    assert (old.count, old.measured, old.longest) == (11, 9, 0)
    assert old.variance_over(500) == pytest.approx(1 / 499)
    # Two runs that are alike do not make the others so.
    ledger.count(LINEAGE, "two", TrialSums.of(0.1, 500))
    sums = ledger.count(LINEAGE, "three", TrialSums.of(0.1001, 500))
    assert sums.variance_over(500) == pytest.approx(9 / 10 / 499, rel=1e-3)
    assert counted(run(tmp_path)) == 14
