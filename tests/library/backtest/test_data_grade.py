"""The grade of the data and the hash of the dataset go with a result wherever it goes."""

import json
from pathlib import Path

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, backtest, load_result
from quantloom.data import Catalog, random_walk
from quantloom.data.quality import GradeTooLow, UnknownGrade, check
from quantloom.market import Bars, assume_instrument
from quantloom.report import render_report

SYMBOL = "BTC-USDT.BINANCE"


def walk(n: int = 400) -> Bars:
    return random_walk(n, 3, symbol=SYMBOL, timeframe="1h")


def holed() -> Bars:
    bars = walk()
    kept = np.r_[0:100, 130:400]
    columns = {name: getattr(bars, name)[kept] for name in ("open", "high", "low", "close")}
    return Bars.of(SYMBOL, "1h", ts=bars.ts[kept], volume=bars.volume[kept], **columns)


def stored(folder: Path, bars: Bars) -> Bars:
    catalog = Catalog(folder)
    instrument = assume_instrument(bars)
    quality = check(bars, instrument=instrument).short()
    catalog.write(bars, instrument, source="a test", quality=quality)
    return catalog.read(SYMBOL, "1h")


def run(bars: Bars, **settings: object) -> BacktestResult:
    return backtest("sma-cross", bars, trials=False, audit=False, **settings)  # type: ignore[arg-type]


def test_a_result_inherits_grade_and_hash_of_its_dataset(tmp_path: Path) -> None:
    whole = stored(tmp_path, holed())

    result = run(whole[:90])

    grade = result.quality[SYMBOL]
    # The run's own bars have no hole; the dataset has.
    assert (grade.grade, grade.digest, grade.is_stored) == ("D", whole.digest(), True)
    assert grade.why().startswith("30 of 400 bars are missing")
    assert result.data_grade == "D"


def test_bars_of_no_dataset_are_graded_when_somebody_asks() -> None:
    grade = run(holed()).quality[SYMBOL]

    assert (grade.grade, grade.digest, grade.is_stored) == ("D", "", False)
    assert grade.why("zh").startswith("交易时段内应有 400 根K线，缺 30 根")


def test_a_stored_grade_of_other_rows_is_no_grade(tmp_path: Path) -> None:
    bars = walk()
    first = stored(tmp_path, bars[:200])
    assert first.provenance is not None
    assert first.provenance.quality is not None
    Catalog(tmp_path).append(bars[300:])

    grade = run(Catalog(tmp_path).read(SYMBOL, "1h")).quality[SYMBOL]

    assert (grade.grade, grade.is_stored) == ("E", False)


def test_the_grade_goes_into_the_archive_and_comes_back(tmp_path: Path) -> None:
    result = run(stored(tmp_path / "catalog", holed()))

    result.save(tmp_path / "run")

    assert load_result(tmp_path / "run").quality == result.quality
    [kept] = json.loads((tmp_path / "run" / "quality.json").read_bytes())
    assert (kept["grade"], kept["digest"]) == ("D", result.bars.provenance.digest)  # type: ignore[union-attr]


def test_an_archive_of_before_is_graded_anew(tmp_path: Path) -> None:
    run(holed()).save(tmp_path)
    (tmp_path / "quality.json").unlink()

    assert load_result(tmp_path).data_grade == "D"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Data grade", "D, dataset ", "Data of BTC-USDT.BINANCE: 30 of 400 bars")),
        ("zh", ("数据评级", "D，数据集 ", "BTC-USDT.BINANCE 的数据：交易时段内应有 400 根K线")),
    ],
)
def test_the_report_tells_the_grade(tmp_path: Path, language: str, words: tuple[str, ...]) -> None:
    bars = stored(tmp_path, holed())

    page = render_report(run(bars), language=language)

    for text in words:
        assert text in page
    assert bars.digest()[:8] in page


def test_the_summary_has_the_grade_and_the_bytes_of_a_run_have_not(tmp_path: Path) -> None:
    of_dataset, alone = run(stored(tmp_path, holed())), run(holed())

    assert of_dataset.summary()["quality"]["grade"] == "D"
    assert of_dataset.summary()["quality"]["data"][0]["is_stored"] is True
    assert of_dataset.to_bytes() == alone.to_bytes()


def test_a_gate_refuses_data_below_it_before_the_run() -> None:
    with pytest.raises(GradeTooLow) as caught:
        run(holed(), min_grade="c")

    assert caught.value.grade == "D"
    assert "30 of 400 bars are missing" in str(caught.value)
    assert run(holed(), min_grade="D").data_grade == "D"
    with pytest.raises(UnknownGrade):
        run(holed(), min_grade="Z")
