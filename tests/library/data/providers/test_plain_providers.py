"""The two providers that need no vendor: files in a folder, and made-up bars."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from quantloom.data.providers import (
    BadProviderSetting,
    FileProvider,
    MadeUp,
    NotSupported,
    ProviderNotFound,
    ProviderSettings,
    SymbolNotFound,
    SyntheticProvider,
    open_provider,
    provider_names,
)
from quantloom.data.providers.checking import calendar_of
from quantloom.market import EmptyRange, trading_days_of
from tests.library.data.builders import GOOD_ROWS, csv_of, write_text
from tests.library.data.providers.builders import NOW, make_clock, moment

STOCK = "600519.SSE"


def make_provider(**made_up: float) -> SyntheticProvider:
    return SyntheticProvider(MadeUp(**made_up), make_clock())  # type: ignore[arg-type]


def test_made_up_bars_are_the_same_in_one_piece_or_in_many() -> None:
    provider, cut = make_provider(), moment("2022-03-07")
    ends = (moment("2020-01-01"), moment("2024-01-01"))

    whole = provider.bars(STOCK, "1d", *ends).bars
    first = provider.bars(STOCK, "1d", ends[0], cut).bars
    second = provider.bars(STOCK, "1d", cut, ends[1]).bars

    assert np.concatenate([first.close, second.close]).tolist() == whole.close.tolist()
    assert np.concatenate([first.ts, second.ts]).tolist() == whole.ts.tolist()


def test_made_up_bars_differ_by_seed_and_symbol() -> None:
    ends = (moment("2023-01-01"), moment("2023-06-01"))
    digests = {
        make_provider(seed=seed).bars(symbol, "1d", *ends).bars.close.tobytes()
        for seed in (1, 2)
        for symbol in (STOCK, "000001.SZSE")
    }

    assert len(digests) == 4


def test_made_up_bars_lie_on_trading_days_alone_and_some_are_missing() -> None:
    bars = (
        make_provider(gap_chance=0.05)
        .bars(STOCK, "1d", moment("2020-01-01"), moment("2024-01-01"))
        .bars
    )
    calendar = calendar_of(STOCK)
    days = trading_days_of(bars, calendar).tolist()
    every = calendar.trading_days(date(2020, 1, 1), date(2023, 12, 31))

    assert set(days) < set(every)
    assert 0.02 < 1 - len(days) / len(every) < 0.1


def test_made_up_bars_have_quiet_and_stormy_times_and_jumps() -> None:
    bars = (
        make_provider(jump_chance=0.01)
        .bars(STOCK, "1d", moment("2005-01-01"), moment("2024-01-01"))
        .bars
    )
    steps = np.abs(np.diff(np.log(bars.close)))
    monthly = steps[: len(steps) // 50 * 50].reshape(-1, 50).std(axis=1)

    assert monthly.max() > 4 * monthly.min()
    assert 20 < (steps > 0.05).sum() < 400


def test_a_made_up_split_is_undone_by_its_factor() -> None:
    provider, ends = make_provider(splits=True), (date(2010, 1, 1), date(2024, 1, 1))
    raw = provider.bars(STOCK, "1d", moment("2010-01-01"), moment("2024-01-01")).bars
    factors = provider.adj_factors(STOCK, *ends)
    row = np.searchsorted(factors.day, trading_days_of(raw, calendar_of(STOCK)), side="right") - 1
    adjusted = raw.close * factors.factor[row]

    assert factors.factor.tolist() == [2.0, 4.0, 8.0]
    assert np.abs(np.diff(np.log(raw.close))).max() > 0.6
    assert np.abs(np.diff(np.log(adjusted))).max() < 0.3


def test_a_running_bar_is_left_out_and_said() -> None:
    found = make_provider().bars("BTC/USDT", "1d", NOW - timedelta(days=3), NOW)

    assert found.bars.end.date() == date(2024, 6, 2)
    assert "1 bar(s) were not over yet and were left out." in found.notes


def test_a_span_in_which_the_market_was_closed_is_an_empty_range() -> None:
    with pytest.raises(EmptyRange):
        make_provider().bars(STOCK, "1d", moment("2024-05-01"), moment("2024-05-05"))


def test_what_a_provider_does_not_offer_is_said_with_what_it_does() -> None:
    with pytest.raises(NotSupported, match="it offers bars, list_instruments, adj_factors"):
        make_provider().snapshot((STOCK,))
    with pytest.raises(NotSupported, match="2w bars"):
        make_provider().bars(STOCK, "2w", NOW - timedelta(days=90), NOW)


def test_a_folder_of_files_is_a_provider(tmp_path: Path) -> None:
    write_text(tmp_path, csv_of(*GOOD_ROWS), name="600519.SH.1d.csv")
    write_text(tmp_path, csv_of(*GOOD_ROWS), name="mine.csv")
    provider = FileProvider(tmp_path, make_clock())

    found = provider.bars("sh600519", "1d", moment("2024-01-03"), moment("2024-01-05"))

    assert [one.symbol for one in provider.list_instruments()] == ["600519.SSE", "mine.LOCAL"]
    assert (found.bars.symbol, len(found.bars)) == ("600519.SSE", 2)
    assert found.fetched_at == NOW


def test_a_symbol_without_a_file_is_not_found(tmp_path: Path) -> None:
    write_text(tmp_path, csv_of(*GOOD_ROWS), name="mine.csv")
    provider = FileProvider(tmp_path, make_clock())

    with pytest.raises(SymbolNotFound):
        provider.bars("AAPL.US", "1d", moment("2024-01-01"), NOW)
    with pytest.raises(NotSupported, match=r"those of mine\.csv"):
        provider.bars("mine.LOCAL", "1h", moment("2024-01-01"), NOW)


def test_providers_open_by_name(tmp_path: Path) -> None:
    settings = ProviderSettings(folder=tmp_path, clock=make_clock())

    assert {"file", "synthetic"} <= set(provider_names())
    assert open_provider("file", settings).name == "file"
    with pytest.raises(ProviderNotFound, match="synthetic"):
        open_provider("yahooo")
    with pytest.raises(BadProviderSetting, match="--folder"):
        open_provider("file")
