"""What a file is stands in the file: neither its name nor the order of its columns changes it."""

import gzip
import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from quantloom.data.readers import Hints, Mapping, NotMarketData, UnreadableFile, map_file
from quantloom.errors import QuantloomError
from tests.library.data.readers.truth import NOT_MARKET_DATA, TRUTH
from tests.shared_data import SHARED, needs_shared

RAW = SHARED / "data" / "raw"
TRUE_OF = {one.path: one for one in TRUTH}
FILES = (
    sorted(str(path.relative_to(RAW)) for path in RAW.rglob("*") if path.is_file())
    if RAW.is_dir()
    else []
)
# Told by the file's name and nothing else.
_ADJUSTED_BY_NAME = ("tushare/600519.SH.qfq.csv", "wondertrader/SSE.600009Q_m1.gbk.csv")
_SAMPLE = 16


def facts(mapping: Mapping) -> tuple[object, ...]:
    """What a file is, apart from what it is called."""
    return (
        mapping.kind.value,
        mapping.timeframe.value,
        mapping.label.value,
        mapping.volume_lot.value,
        mapping.turnover_scale.value,
        mapping.price_scale.value,
    )


def some(names: list[str]) -> list[str]:
    """A seeded sample, the same in every run; `make soak` takes all."""
    return sorted(random.Random(20_240_102).sample(names, min(_SAMPLE, len(names))))


def every(path: Path, hints: Hints | None = None) -> list[Mapping]:
    return [part.mapping for part in map_file(path, hints=hints)]


def nameless(original: Path, folder: Path) -> Path:
    """A copy whose name says nothing, no more than those of the parts of an archive do."""
    copy = folder / "f17"
    content = original.read_bytes()
    if zipfile.is_zipfile(original):
        content = _nameless_members(content)
    copy.write_bytes(content)
    return copy


def _nameless_members(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for place, name in enumerate(old.namelist()):
            new.writestr(f"p{place}", old.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def check_name(name: str, folder: Path) -> None:
    if name not in TRUE_OF:
        check_no_market_data(name, folder)
        return
    known, blind = every(RAW / name), every(nameless(RAW / name, folder))
    assert len(known) == len(blind)
    for named, unnamed in zip(known, blind, strict=True):
        assert facts(unnamed) == facts(named)
        assert [one.role for one in unnamed.columns] == [one.role for one in named.columns]
        assert len(unnamed.questions) <= 1
        if name not in _ADJUSTED_BY_NAME:
            assert unnamed.adjustment.value == named.adjustment.value
        # Dates need no zone, and where the name tells the market it tells its clock.
        is_dated = named.label.value == "session"
        if not is_dated and (named.zone.confidence > 0.9 or named.symbol == unnamed.symbol):
            assert unnamed.zone.value == named.zone.value


def check_no_market_data(name: str, folder: Path) -> None:
    assert name in NOT_MARKET_DATA or name.split("/")[1] in {"factor_files", "map_files"}
    refusals = []
    for path in (RAW / name, nameless(RAW / name, folder)):
        with pytest.raises((NotMarketData, UnreadableFile)) as refused:
            map_file(path)
        assert isinstance(refused.value, QuantloomError)
        refusals.append((type(refused.value), str(refused.value).replace(str(path), "it")))
    assert refusals[0] == refusals[1]


@needs_shared
@pytest.mark.parametrize("name", some(FILES))
def test_a_name_that_means_nothing_changes_no_more_than_the_symbol(
    name: str, tmp_path: Path
) -> None:
    check_name(name, tmp_path)


@needs_shared
@pytest.mark.soak
@pytest.mark.parametrize("name", FILES)
def test_no_name_of_any_file_changes_more_than_the_symbol(name: str, tmp_path: Path) -> None:
    check_name(name, tmp_path)


def shuffled(count: int, seed: str) -> list[int]:
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return order


def shuffle_text(content: bytes, seed: str) -> bytes:
    """Move the columns of delimited text, names and cells alike; lines before the names stay."""
    encoding = "gb18030" if "gbk" in seed else "utf-8-sig"
    lines = content.decode(encoding).splitlines()
    first = 1 if lines[0].count(",") < lines[1].count(",") else 0
    order = shuffled(len(lines[first].split(",")), seed)
    rows = (line.split(",") for line in lines[first:] if line)
    moved = [*lines[:first], *(",".join(row[place] for place in order) for row in rows)]
    return ("\n".join(moved) + "\n").encode(encoding)


def shuffle_gzip(content: bytes, seed: str) -> bytes:
    return gzip.compress(shuffle_text(gzip.decompress(content), seed), compresslevel=1)


def shuffle_feather(content: bytes, seed: str) -> bytes:
    table = feather.read_table(io.BytesIO(content))
    packed = io.BytesIO()
    feather.write_feather(table.select(shuffled(table.num_columns, seed)), packed)
    return packed.getvalue()


def shuffle_parquet(content: bytes, seed: str) -> bytes:
    table = pq.read_table(io.BytesIO(content))
    packed = io.BytesIO()
    pq.write_table(table.select(shuffled(table.num_columns, seed)), packed)
    return packed.getvalue()


def shuffle_hdf5(content: bytes, seed: str) -> bytes:
    """Move the columns that pandas keeps side by side in one block, and their names with them."""
    pytest.importorskip("hdf5plugin", reason="it registers the filter that the file is packed with")
    h5py = pytest.importorskip("h5py", reason="it reads HDF5")
    packed = io.BytesIO(content)
    with h5py.File(packed, "r+") as file:
        table = file["UNITTEST/BTC/ohlcv/tf_5m/table"]
        names = pickle.loads(table.attrs["values_block_0_kind"])
        order = shuffled(len(names), seed)
        rows = table[:]
        rows["values_block_0"] = rows["values_block_0"][:, order]
        table[...] = rows
        moved = pickle.dumps([names[place] for place in order], protocol=0)
        table.attrs["values_block_0_kind"] = np.bytes_(moved)
    return packed.getvalue()


def shuffle_records(content: bytes, seed: str) -> bytes:
    """Move the keys of JSON records, in a zip archive of one part."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        (name,) = old.namelist()
        lines = old.read(name).decode().splitlines()
        moved = [json.dumps(_shuffled_keys(json.loads(line), seed)) for line in lines]
        new.writestr(name, "\n".join(moved) + "\n")
    return packed.getvalue()


def _shuffled_keys(record: Any, seed: str) -> Any:
    if not isinstance(record, dict):
        return record
    keys = list(record)
    return {
        keys[place]: _shuffled_keys(record[keys[place]], seed)
        for place in shuffled(len(keys), seed)
    }


SHUFFLE: dict[str, Callable[[bytes, str], bytes]] = {
    ".csv": shuffle_text,
    ".txt": shuffle_text,
    ".csv.gz": shuffle_gzip,
    ".feather": shuffle_feather,
    ".parquet": shuffle_parquet,
    ".h5": shuffle_hdf5,
    ".data.zip": shuffle_records,
}
# No names of columns: nothing but their order tells them apart.
HEADLESS = (
    "bitcoincharts/bitstampUSD.head3000.csv",
    "ninjatrader/nt-spy-minute-2011.csv",
    "nautilus/quote_tick_data.csv",
)
HEADED = [name for name in TRUE_OF if name.endswith(tuple(SHUFFLE)) and name not in HEADLESS]


def check_order(name: str, folder: Path) -> None:
    original = RAW / name
    ending = max((one for one in SHUFFLE if name.endswith(one)), key=len)
    copy = folder / original.name
    copy.write_bytes(SHUFFLE[ending](original.read_bytes(), name))
    known, found = every(original)[0], every(copy)[0]
    named = {one.name: (one.role, one.level) for one in known.columns if one.name}
    assert [one.name for one in found.columns] != [one.name for one in known.columns]
    assert {one.name: (one.role, one.level) for one in found.columns if one.name} == named
    assert facts(found) == facts(known)
    assert (found.zone.value, found.adjustment.value) == (known.zone.value, known.adjustment.value)
    assert found.symbol.value == known.symbol.value


@needs_shared
@pytest.mark.parametrize("name", some(HEADED))
def test_the_order_of_named_columns_changes_nothing(name: str, tmp_path: Path) -> None:
    check_order(name, tmp_path)


@needs_shared
@pytest.mark.soak
@pytest.mark.parametrize("name", HEADED)
def test_the_order_of_named_columns_changes_nothing_in_any_file(name: str, tmp_path: Path) -> None:
    check_order(name, tmp_path)


@needs_shared
def test_only_files_that_name_no_columns_are_left_in_their_order() -> None:
    rest = set(TRUE_OF) - set(HEADED) - set(HEADLESS)
    lists = {name for name in rest if name.startswith("freqtrade/") and ".json" in name}
    packed = {name for name in rest if name.endswith(".dsb")}

    assert len(HEADED) == 33
    assert all(name.startswith("lean/") for name in rest - lists - packed)
    for name in HEADLESS:
        assert not any(one.name for one in every(RAW / name)[0].columns)
