"""Quantloom's import of a file into an empty catalog; what the catalog then holds is compared."""

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.systems.job import CHECKED, Tails, peak_rss_mb
from quantloom.data import Catalog, map_file, stream_bars


def import_file(path: Path, folder: str) -> dict[str, object]:
    started, started_cpu = time.perf_counter(), time.process_time()
    (part,) = map_file(path)
    (info,) = (one.info for one in stream_bars(part, Catalog(folder)).datasets)
    spent = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - started_cpu,
        "peak_rss_mb": peak_rss_mb(),
    }
    bars = Catalog(folder).read(info.symbol, info.timeframe, last=CHECKED)
    return spent | asdict(Tails.of(list(bars.columns())))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(import_file(Path(json.load(sys.stdin)["path"]), folder)))
