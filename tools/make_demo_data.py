"""Make the packaged demonstration set and its part of NOTICE from the sample data.

    python tools/make_demo_data.py PATH_TO_SAMPLE_DATA

The same data and the same pyarrow give the same bytes.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from quantloom.data import Catalog, DatasetInfo, read_bars
from quantloom.market import Bars, Instrument, Kind

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "src" / "quantloom" / "data" / "demo"
MAX_BYTES = 3_000_000
ALLOWED = frozenset({"Apache-2.0", "MIT", "BSD-3-Clause"})

_COPYRIGHTS = {
    "github.com/AI4Finance-Foundation/FinRL-Meta": "Copyright (c) 2021 AI4Finance",
    "github.com/QuantConnect/Lean": "Copyright 2025 QuantConnect Corporation",
    "github.com/UFund-Me/Qbot": "Copyright (c) 2022 UFund",
    "github.com/tensortrade-org/tensortrade": "Copyright 2018 Quantopian, Inc.",
    "github.com/vnpy/vnpy": "Copyright (c) 2015 用Python的交易员",
    "github.com/wondertrader/wondertrader": "Copyright (c) 2020 wtp-2020",
}


class Source(msgspec.Struct):
    """Where a sample file came from, as its manifest says."""

    licence: str
    repository: str = ""
    path: str = ""


class Entry(msgspec.Struct):
    """A sample file."""

    path: str
    source: Source | None = None


class Manifest(msgspec.Struct):
    """The sample data's own list of its files."""

    files: list[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample file, or a span of it, as it goes into the demonstration set."""

    file: str
    timeframe: str
    instrument: Instrument
    remark: str
    start: datetime | None = None
    end: datetime | None = None
    keeps_extras: bool = True


def _cn_future(symbol: str, *, tick: str, multiplier: int) -> Instrument:
    code, _, venue = symbol.partition("-MAIN.")
    return Instrument(
        symbol=symbol,
        kind=Kind.FUTURE,
        tick_size=Decimal(tick),
        multiplier=Decimal(multiplier),
        currency="CNY",
        calendar=f"{venue}.{code}",
        source="wondertrader commodities.json",
    )


def _cn_stock(symbol: str, *, tick: str, source: str) -> Instrument:
    return Instrument(
        symbol=symbol,
        kind=Kind.STOCK,
        tick_size=Decimal(tick),
        lot=Decimal(100),
        currency="CNY",
        calendar="cn_stock",
        can_short=False,
        source=source,
    )


def _us_stock(symbol: str, kind: Kind) -> Instrument:
    return Instrument(
        symbol=symbol,
        kind=kind,
        tick_size=Decimal("0.0001"),
        currency="USD",
        calendar="us_stock",
        source="finest tick of the data; quotes move by 0.01, some prints fall between",
    )


_RB = _cn_future("rb-MAIN.SHFE", tick="1", multiplier=10)
_SPY = _us_stock("SPY.ARCA", Kind.FUND)
_BTC = Instrument(
    symbol="BTC-USD.COINBASE",
    kind=Kind.SPOT,
    tick_size=Decimal("0.01"),
    lot=Decimal("0.0001"),
    currency="USD",
    calendar="24x7",
    can_short=False,
    source="exchange tick of the time; lot assumed",
)
_CHAIN = "dominant contract chain, not adjusted at rolls"
_BOTH_SIDES = f"{_CHAIN}; volume before 2020 counts both sides"

SAMPLES = (
    Sample(
        file="bars/cn_futures/SHFE.rb.HOT.1d.parquet",
        timeframe="1d",
        instrument=_RB,
        remark=_BOTH_SIDES,
    ),
    Sample(
        file="bars/cn_futures/SHFE.rb.HOT.5m.parquet",
        timeframe="5m",
        instrument=_RB,
        remark=f"{_CHAIN}; 2020-10 to 2021-10",
        start=datetime(2020, 10, 1, tzinfo=UTC),
    ),
    Sample(
        file="bars/cn_futures/CFFEX.IF.HOT.5m.parquet",
        timeframe="5m",
        instrument=_cn_future("IF-MAIN.CFFEX", tick="0.2", multiplier=300),
        remark=f"{_CHAIN}; 2017",
        start=datetime(2017, 1, 1, tzinfo=UTC),
    ),
    Sample(
        file="bars/cn_futures/DCE.m.HOT.1d.parquet",
        timeframe="1d",
        instrument=_cn_future("m-MAIN.DCE", tick="1", multiplier=10),
        remark=_BOTH_SIDES,
    ),
    Sample(
        file="bars/cn_futures/CZCE.TA.HOT.1d.parquet",
        timeframe="1d",
        instrument=_cn_future("TA-MAIN.CZCE", tick="2", multiplier=5),
        remark=_BOTH_SIDES,
    ),
    Sample(
        file="bars/cn_stock/600519.SH.1d.parquet",
        timeframe="1d",
        instrument=_cn_stock(
            "600519.SSE",
            tick="0.0001",
            source="finest tick of the data: forward-adjusted prices lie off the exchange's 0.01",
        ),
        remark="forward-adjusted prices; volume in shares",
    ),
    Sample(
        file="bars/cn_stock/600000.SH.1d.parquet",
        timeframe="1d",
        instrument=_cn_stock("600000.SSE", tick="0.01", source="exchange rule"),
        remark="2017-06 to 2019-12, prices as quoted, dividends not added back; volume in shares",
        start=datetime(2017, 6, 1, tzinfo=UTC),
    ),
    Sample(
        file="bars/index/000300.SH.1d.parquet",
        timeframe="1d",
        instrument=Instrument(
            symbol="000300.INDEX",
            kind=Kind.INDEX,
            tick_size=Decimal("0.0001"),
            currency="CNY",
            calendar="cn_stock",
            can_short=False,
            source="finest tick of the data",
        ),
        remark="CSI 300 index",
    ),
    Sample(
        file="bars/us_stock/AAPL.lean.1d.parquet",
        timeframe="1d",
        instrument=_us_stock("AAPL.NASDAQ", Kind.STOCK),
        remark="between the splits of 2014 and 2020, prices as quoted, dividends not added back",
        start=datetime(2014, 6, 9, tzinfo=UTC),
        end=datetime(2020, 8, 31, tzinfo=UTC),
    ),
    Sample(
        file="bars/us_stock/SPY.1d.parquet",
        timeframe="1d",
        instrument=_SPY,
        remark="prices as quoted, dividends not added back",
    ),
    Sample(
        file="bars/us_stock/SPY.1h.parquet",
        timeframe="1h",
        instrument=_SPY,
        remark="2018 to 2021-03; the 09:00 New York bar covers 09:30 to 10:00",
        start=datetime(2018, 1, 1, tzinfo=UTC),
    ),
    Sample(
        file="bars/crypto/coinbase.BTC-USD.1d.parquet",
        timeframe="1d",
        instrument=_BTC,
        remark="Coinbase trades; days are missing",
    ),
    Sample(
        file="bars/crypto/coinbase.BTC-USD.1h.parquet",
        timeframe="1h",
        instrument=_BTC,
        remark="2019-01 to 2019-10",
        start=datetime(2019, 1, 1, tzinfo=UTC),
        keeps_extras=False,
    ),
)


def main(sample_data: Path) -> None:
    """Write the demonstration set and NOTICE anew."""
    manifest = msgspec.json.decode((sample_data / "MANIFEST.json").read_bytes(), type=Manifest)
    sources = {entry.path: entry.source for entry in manifest.files if entry.source}
    shutil.rmtree(DEMO / "bars", ignore_errors=True)
    catalog = Catalog(DEMO)
    for sample in SAMPLES:
        write(catalog, sample, sources[sample.file], sample_data / sample.file)
    infos = catalog.list()
    total = sum(info.bytes for info in infos)
    if total > MAX_BYTES:
        sys.exit(f"the demonstration set has {total} bytes; {MAX_BYTES} are allowed")
    (ROOT / "NOTICE").write_text("\n".join(notice(infos)) + "\n", encoding="utf-8")
    print(f"{len(infos)} datasets, {total} bytes")


def write(catalog: Catalog, sample: Sample, source: Source, path: Path) -> None:
    """Put one sample into the catalog."""
    if source.licence not in ALLOWED:
        sys.exit(f"{sample.file} is under {source.licence}; it may not be passed on")
    bars = _selected(sample, path)
    for name in ("open", "high", "low", "close"):
        for price in getattr(bars, name).tolist():
            sample.instrument.price(price)  # raises where the tick is too coarse
    catalog.write(
        bars,
        sample.instrument,
        source=f"{source.repository}, {source.path}; {sample.remark}",
        licence=source.licence,
    )


def _selected(sample: Sample, path: Path) -> Bars:
    read = read_bars(path, symbol=sample.instrument.symbol, timeframe=sample.timeframe)
    bars = read.bars.between(sample.start, sample.end)
    return bars if sample.keeps_extras else replace(bars, extras={})


def notice(infos: tuple[DatasetInfo, ...]) -> Iterator[str]:
    """Write NOTICE, line by line."""
    yield "Quantloom"
    yield "Copyright 2026 Quantloom contributors"
    yield ""
    yield "Quantloom is under the MIT licence, see LICENSE."
    yield ""
    yield "Demonstration data"
    yield "=================="
    yield ""
    yield "The package holds a small set of historical bars, made by tools/make_demo_data.py from"
    yield "files of the repositories below. They were converted to Parquet with UTC open times and,"
    yield "where it says so, cut to a span; prices were not changed. Each repository's licence is"
    yield "given; it does not always cover rights of the exchange or vendor the figures came from."
    yield "The data is for demonstration and tests; it may contain errors and is no basis for"
    yield "trading."
    yield ""
    for info in infos:
        span = f"{info.start:%Y-%m-%d} to {info.end:%Y-%m-%d}"
        yield f"- {info.symbol} {info.timeframe}, {info.rows} bars, {span}"
        yield f"  Source: {info.source}"
        yield f"  Licence: {info.licence}"
    yield ""
    yield "Reference tables"
    yield "================"
    yield ""
    yield "- src/quantloom/market/holidays_cn.txt: exchange holidays of mainland China, from the"
    yield "  list of trading days in github.com/akfamily/akshare (MIT), Copyright (c) 2019-2026"
    yield "  Albert King"
    yield "- src/quantloom/market/cn_futures.toml: ticks and multipliers, in part from"
    yield "  commodities.json of github.com/wondertrader/wondertrader (MIT)"
    yield ""
    yield "Copyright lines, as the licence files of these repositories state them"
    yield ""
    used = {info.source.partition(",")[0]: info.licence for info in infos}
    for repository in sorted(used):
        yield f"- {repository} ({used[repository]}): {_COPYRIGHTS[repository]}"
    yield ""
    yield "The text of the MIT licence is in LICENSE, that of the Apache licence 2.0 in"
    yield "src/quantloom/data/demo/licences/Apache-2.0.txt."
    yield ""
    yield "Programs of the documentation's pages"
    yield "====================================="
    yield ""
    yield "`quantloom serve` shows its OpenAPI document by Swagger UI 5.35.0 (Apache-2.0, SmartBear"
    yield "Software) and Redoc 2.5.4 (MIT, Rebilly), which lie as they were published in"
    yield "src/quantloom_server/platform/pages/assets. LICENSES.txt there holds their licences and"
    yield "those of what they include."


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
