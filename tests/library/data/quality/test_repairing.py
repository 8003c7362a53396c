"""Repairs change what they are asked to change, say so, and nothing else."""

import numpy as np
import pytest

from quantloom.data.quality import CHECKS, TREATMENTS, UnknownTreatment, check, repair
from quantloom.market import BadBars, Bars, EmptyRange
from tests.library.data.quality.builders import FAULTS, changed, clean, columns_of, taken

WHOLE = clean("600000.SSE", "5m", days=20)


def planted(name: str, row: int = 100, symbol: str = "600000.SSE") -> Bars:
    fault = next(one for one in FAULTS if one.check == name and one.symbol == symbol)
    return fault.plant(clean(fault.symbol, fault.timeframe, days=fault.days), row)


def equal(one: Bars, other: Bars) -> bool:
    return one.digest() == other.digest()


@pytest.mark.parametrize(
    ("name", "treatment", "symbol"),
    [
        (check_name, treatment, fault.symbol)
        for check_name, treatments in TREATMENTS.items()
        for treatment in treatments
        for fault in FAULTS
        if fault.check == check_name and treatment != "none"
    ],
)
def test_what_was_mended_is_not_found_again(name: str, treatment: str, symbol: str) -> None:
    bars = planted(name, symbol=symbol)

    mended = repair(bars, {name: treatment, "unsorted": "sort"})

    assert [change.check for change in mended.changes] == [name]
    assert check(mended.bars).find(name) is None
    assert mended.changes[0].rows >= 1
    assert mended.changes[0].text_en.startswith(f"{name}: ")
    assert mended.changes[0].text_zh.startswith(CHECKS[name].title_zh)


def test_nothing_is_changed_unasked() -> None:
    bars = planted("outliers")

    mended = repair(bars, {"off_tick": "snap"})

    assert mended.changes == ()
    assert equal(mended.bars, bars)


def test_clean_bars_stay_as_they_are_under_every_repair() -> None:
    policy = {name: treatments[0] for name, treatments in TREATMENTS.items()}

    mended = repair(WHOLE, policy)

    assert mended.changes == ()
    assert equal(mended.bars, WHOLE)


def test_of_two_bars_of_one_time_the_one_asked_for_stays() -> None:
    order = np.insert(np.arange(len(WHOLE)), 51, 50)
    columns = columns_of(taken(WHOLE, order))
    columns["volume"][51] = 7.0
    twice = changed(taken(WHOLE, order), **columns)

    first = repair(twice, {"conflicts": "keep-first"})
    last = repair(twice, {"conflicts": "keep-last"})
    neither = repair(twice, {"conflicts": "drop"})

    assert first.bars.volume[50] == WHOLE.volume[50]
    assert last.bars.volume[50] == 7.0
    assert len(first.bars) == len(last.bars) == len(WHOLE)
    assert equal(neither.bars, taken(WHOLE, np.delete(np.arange(len(WHOLE)), 50)))
    assert neither.changes[0].rows == 2


def test_rows_nobody_spoke_of_are_refused() -> None:
    with pytest.raises(BadBars, match="high below low"):
        repair(planted("bad_ohlc"), {"duplicates": "keep-first"})


def test_a_snapped_price_is_the_nearest_on_the_tick() -> None:
    bars = planted("off_tick", symbol="rb2105.SHFE")

    mended = repair(bars, {"off_tick": "snap"}).bars

    assert (mended.high == np.rint(bars.high)).all()
    assert (mended.high != bars.high).sum() == 1


def test_holes_are_left_and_that_is_recorded() -> None:
    mended = repair(planted("gaps"), {"gaps": "none"})

    assert [change.text_en for change in mended.changes] == ["gaps: 1 row(s) left missing"]


@pytest.mark.parametrize(("name", "treatment"), [("rolls", "drop"), ("outliers", "fill")])
def test_what_cannot_be_mended_is_refused(name: str, treatment: str) -> None:
    with pytest.raises(UnknownTreatment) as caught:
        repair(WHOLE, {name: treatment})

    assert name in str(caught.value)


def test_nothing_left_is_an_error() -> None:
    silent = changed(WHOLE, volume=np.zeros(len(WHOLE)))
    columns = columns_of(silent)
    columns["volume"][3] = 1.0

    with pytest.raises(EmptyRange):
        repair(taken(WHOLE, np.arange(0)), {"unsorted": "sort"})
    assert len(repair(changed(silent, **columns), {"zero_volume": "drop"}).bars) == 1
