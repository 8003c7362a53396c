"""Quantloom's import of a file into an empty catalog; what the catalog then holds is compared."""

import json
import sys
import tempfile
import time
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from benchmarks.systems.job import CHECKED, WARM_UP_BARS, Tails, peak_rss_mb
from quantloom.data import Catalog, DatasetInfo, map_file, stream_bars


def import_file(path: Path, folder: Path) -> dict[str, object]:
    """Import the file, the first rows of it before, so that no late import is timed."""
    short = folder / path.name
    with path.open(encoding="utf-8") as file:
        short.write_text("".join(islice(file, WARM_UP_BARS)), encoding="utf-8")
    _import(short, folder / "warm")
    started, started_cpu = time.perf_counter(), time.process_time()
    info = _import(path, folder / "timed")
    spent = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - started_cpu,
        "peak_rss_mb": peak_rss_mb(),
    }
    bars = Catalog(folder / "timed").read(info.symbol, info.timeframe, last=CHECKED)
    return spent | asdict(Tails.of(list(bars.columns())))


def _import(path: Path, catalog: Path) -> DatasetInfo:
    (part,) = map_file(path)
    (dataset,) = stream_bars(part, Catalog(catalog)).datasets
    return dataset.info


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(import_file(Path(json.load(sys.stdin)["path"]), Path(folder))))
