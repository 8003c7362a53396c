"""What a run makes of the listings that it is given."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from quantloom.backtest import BadRunSetting, OtherInstrument, backtest
from quantloom.market import BadListing, Bars, Listing
from tests.library.backtest.builders import scripted
from tests.scenarios.market import bars_at, buy, trade

MAIN = "600000.SSE"
ST = Listing(symbol=MAIN, special_treatment=[(date(2024, 3, 5), None)])


def two_days() -> Bars:
    return bars_at(MAIN, {"2024-03-04": 10.0, "2024-03-05": 10.5}, timeframe="1d")


def test_a_file_of_the_whole_market_may_be_given(tmp_path: Path) -> None:
    path = tmp_path / "listings.csv"
    path.write_text("symbol,special_treatment\n600000,2024-03-05/\n000001,\n")

    result = trade(two_days(), {0: buy(MAIN, 100)}, listings=path)

    assert len(result.fills) == 0
    assert result.hashes.facts


def test_a_file_about_other_shares_alone_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "listings.csv"
    path.write_text("symbol\n000001\n")

    with pytest.raises(BadRunSetting, match=MAIN):
        trade(two_days(), {}, listings=str(path))


def test_listings_without_rules_are_an_error() -> None:
    with pytest.raises(BadRunSetting, match="rules=True"):
        backtest(scripted({}), two_days(), listings=[ST])


def test_a_listing_of_another_share_is_an_error() -> None:
    with pytest.raises(OtherInstrument):
        trade(two_days(), {}, listings=[Listing(symbol="000001.SZSE")])


def test_a_share_is_listed_once() -> None:
    with pytest.raises(BadListing, match="twice"):
        trade(two_days(), {}, listings=[ST, ST])


def test_bars_from_before_the_listing_are_an_error() -> None:
    with pytest.raises(BadListing, match="2024-03-04"):
        trade(two_days(), {}, listings=[Listing(symbol=MAIN, listed=date(2024, 3, 5))])


def test_bars_that_the_run_leaves_out_do_not_speak_against_a_listing() -> None:
    gone = Listing(symbol=MAIN, delisted=date(2024, 3, 5), final_price=Decimal(9))

    result = trade(two_days(), {}, listings=[gone], end="2024-03-05")

    assert len(result.bars) == 1
