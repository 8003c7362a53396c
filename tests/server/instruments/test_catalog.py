import subprocess
import sys
from pathlib import Path

import pytest

from quantloom.data import Catalog, demo_catalog, random_walk
from quantloom.market import default_instrument
from quantloom_server.instruments.catalog import data_held, timeframes_held
from quantloom_server.settings import Settings

LOOK = """
import sys
from quantloom_server.app import create_app
from quantloom_server.instruments.catalog import data_held, timeframes_held
from quantloom_server.settings import Settings
settings = Settings(_env_file=None)
held = timeframes_held(settings)
assert data_held(settings, "SPY.ARCA", held["SPY.ARCA"])
print(sorted({"numba", "pandas", "pyarrow", "scipy", "duckdb", "pypinyin"} & set(sys.modules)))
"""


def settings_of(folder: Path, *, demo_data: bool = True) -> Settings:
    return Settings(_env_file=None, data_dir=folder, catalog=str(folder), demo_data=demo_data)


def test_the_demonstration_data_is_read_as_the_catalog_itself_reads_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    held = timeframes_held(settings)

    told = {
        (symbol, one.timeframe): (one.rows, one.start, one.end, one.grade, one.source)
        for symbol, timeframes in held.items()
        for one in data_held(settings, symbol, timeframes)
    }
    assert told == {
        (one.symbol, str(one.timeframe)): (one.rows, one.start, one.end, one.grade, one.source)
        for one in demo_catalog().list()
    }


def test_the_services_own_bars_stand_before_those_of_the_demonstration(tmp_path: Path) -> None:
    bars = random_walk(30, 1, symbol="SPY.ARCA", timeframe="1d")
    Catalog(tmp_path).write(bars, default_instrument("SPY.ARCA"), source="ours")
    settings = settings_of(tmp_path)

    first = data_held(settings, "SPY.ARCA", timeframes_held(settings)["SPY.ARCA"])

    assert {one.timeframe: one.source == "ours" for one in first} == {"1h": False, "1d": True}


def test_the_demonstration_data_can_be_left_out(tmp_path: Path) -> None:
    assert timeframes_held(settings_of(tmp_path, demo_data=False)) == {}


def test_a_damaged_manifest_is_left_out(tmp_path: Path) -> None:
    place = tmp_path / "bars/ARCA/XYZ/1d"
    place.mkdir(parents=True)
    (place / "manifest.json").write_text("{")
    settings = settings_of(tmp_path, demo_data=False)

    assert timeframes_held(settings) == {"XYZ.ARCA": ["1d"]}
    assert data_held(settings, "XYZ.ARCA", ["1d"]) == []


@pytest.mark.untraced
def test_telling_what_there_is_loads_nothing_heavy() -> None:
    ran = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"
