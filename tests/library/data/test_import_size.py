"""A long file goes into the catalog in memory that does not grow with it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

CODE = r"""
import re, sys
from pathlib import Path
from quantloom.data import Catalog, map_file, stream_bars
(part,) = map_file(Path(sys.argv[1]))
(dataset,) = stream_bars(part, Catalog(sys.argv[2])).datasets
# Not getrusage: it keeps the peak of the parent across exec.
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
print(dataset.info.rows, int(peak[1]) * 1024)
"""


def write_minutes(path: Path, count: int, *, step: int) -> None:
    minutes = np.datetime64("2000-01-01", "m") + np.arange(count).astype("timedelta64[m]")
    close = 100 + np.arange(count) % 1000 / 100
    columns = {
        "time": minutes.astype("datetime64[s]")[::step],
        "open": close,
        "high": close + 1,
        "low": close - 1,
        "close": close,
        "volume": np.arange(count),
    }
    arrays = [pa.array(column) for column in columns.values()]
    pacsv.write_csv(pa.Table.from_arrays(arrays, names=list(columns)), path)


@pytest.mark.soak
@pytest.mark.parametrize("step", [1, -1])
def test_ten_million_rows_stay_under_500_mb(tmp_path: Path, step: int) -> None:
    write_minutes(tmp_path / "long.csv", 10_000_000, step=step)

    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "long.csv"), str(tmp_path / "catalog")],
        capture_output=True,
        text=True,
        check=True,
    )

    rows, peak_bytes = map(int, done.stdout.split())
    assert rows == 10_000_000
    assert peak_bytes < 500_000_000
