"""The rules of spot pairs and perpetual swaps: fees, grids, funding, maintenance."""

from decimal import Decimal
from itertools import pairwise

import pyarrow.parquet as pq
import pytest

from quantloom.market.rulebook.topics import Funding, Grid, Maintenance, MakerTaker
from quantloom.market.venues import CRYPTO
from tests.library.market.rulebook.packaged import packaged, rule_on
from tests.shared_data import SHARED, needs_shared

NAME = "crypto"
TODAY = "2026-10-01"
TABLES = [
    pytest.param(entry, id=f"{whom} {entry.since}")
    for (topic, whom), entries in packaged(NAME).entries.items()
    for entry in entries
    if topic == "maintenance"
]


@pytest.mark.parametrize("kind", ["spot", "perpetual", "inverse"])
@pytest.mark.parametrize("venue", CRYPTO)
def test_every_venue_has_a_fee_and_a_grid(venue: str, kind: str) -> None:
    fee = rule_on(
        NAME, MakerTaker, TODAY, f"{venue}.{kind}#0", f"{kind}#0", f"{venue}.{kind}", kind
    )
    grid = rule_on(NAME, Grid, TODAY, kind)

    assert fee.maker <= fee.taker < Decimal("0.02")
    assert (grid.tick > 0, grid.inverse) == (True, kind == "inverse")
    assert venue in packaged(NAME).head.venues


@pytest.mark.parametrize(
    ("whom", "maker", "taker"),
    [
        ("BINANCE.spot", "0.001", "0.001"),
        ("BINANCE.perpetual", "0.0002", "0.0005"),
        ("BINANCE.inverse", "0.0001", "0.0005"),
        ("OKX.spot", "0.001", "0.0015"),
        ("OKX.perpetual", "0.0002", "0.0005"),
        ("BYBIT.spot", "0.001", "0.001"),
        ("BYBIT.perpetual", "0.0002", "0.00055"),
        ("COINBASE.spot", "0.006", "0.012"),
    ],
)
def test_a_new_account_pays_the_listed_fees(whom: str, maker: str, taker: str) -> None:
    fee = rule_on(NAME, MakerTaker, TODAY, f"{whom}#0")

    assert (fee.maker, fee.taker, fee.volume) == (Decimal(maker), Decimal(taker), Decimal(0))
    assert fee.source != "default"


@pytest.mark.parametrize("whom", ["BINANCE.perpetual", "COINBASE.spot"])
def test_higher_tiers_ask_more_volume_and_less_money(whom: str) -> None:
    tiers = [
        rule_on(NAME, MakerTaker, TODAY, key[1])
        for key in packaged(NAME).entries
        if key[0] == "maker_taker" and key[1].partition("#")[0] == whom
    ]
    tiers.sort(key=lambda one: one.tier)

    assert [one.tier for one in tiers] == list(range(len(tiers)))
    for lower, higher in pairwise(tiers):
        assert higher.volume > lower.volume
        assert (higher.maker <= lower.maker, higher.taker < lower.taker) == (True, True)


@pytest.mark.parametrize(("venue", "multiplier"), [("BINANCE", 100), ("OKX", 100), ("BYBIT", 1)])
def test_inverse_contracts_are_worth_dollars(venue: str, multiplier: int) -> None:
    grid = rule_on(NAME, Grid, TODAY, f"BTC-USD-PERP.{venue}")

    assert (grid.inverse, grid.multiplier, grid.step) == (True, Decimal(multiplier), Decimal(1))


def test_contracts_of_okx_hold_a_fraction_of_a_coin() -> None:
    assert rule_on(NAME, Grid, TODAY, "BTC-USDT-PERP.OKX").multiplier == Decimal("0.01")
    assert rule_on(NAME, Grid, TODAY, "ETH-USDT-PERP.OKX").multiplier == Decimal("0.1")


def test_funding_comes_every_eight_hours_unless_its_symbol_differs() -> None:
    usual = rule_on(NAME, Funding, TODAY, "BTC-USDT-PERP.BINANCE")
    quick = rule_on(NAME, Funding, TODAY, "HIFI-USDT-PERP.BINANCE")

    assert (usual.times, usual.cap) == (("00:00", "08:00", "16:00"), Decimal("0.003"))
    assert quick.times == ("00:00", "04:00", "08:00", "12:00", "16:00", "20:00")


@pytest.mark.parametrize(
    ("day", "notional", "leverage"),
    [
        ("2022-04-30", 0, 50),
        ("2022-05-01", 250_000, 50),
        ("2023-07-06", 1_000_000, 20),
        ("2023-07-07", 3_000_000, 20),
        ("2024-12-29", 3_000_000, 20),
        ("2024-12-30", 3_000_000, 50),
        ("2026-09-28", 70_000_000, 20),
        ("2026-09-29", 800_000, 75),
    ],
)
def test_the_tiers_of_bitcoin_change_with_each_table(
    day: str, notional: int, leverage: int
) -> None:
    table = rule_on(NAME, Maintenance, day, "BTC-USDT-PERP.BINANCE", "BINANCE.perpetual")

    assert {start: most for start, _, _, most in table.tiers}[Decimal(notional)] == leverage


@pytest.mark.parametrize("table", TABLES)
def test_maintenance_margin_is_steady_where_a_tier_begins(table: Maintenance) -> None:
    for (_, below, cut, lever), (start, ratio, deduct, less) in pairwise(table.tiers):
        assert start * below - cut == start * ratio - deduct
        assert (below < ratio, less < lever) == (True, True)
    assert table.tiers[0][0] == 0
    assert all(ratio * most <= 1 for _, ratio, _, most in table.tiers)


@needs_shared
def test_trades_of_binance_lie_on_the_grid() -> None:
    file = "data/ticks/crypto/binance_usdm.BTC-USDT.trades.20240808.parquet"
    trades = pq.read_table(SHARED / file).slice(0, 2_000).to_pydict()
    grid = rule_on(NAME, Grid, "2024-08-08", "BTC-USDT-PERP.BINANCE")

    assert {Decimal(str(one)) % grid.tick for one in trades["price"]} == {0}
    assert {Decimal(str(one)) % grid.step for one in trades["qty"]} == {0}
