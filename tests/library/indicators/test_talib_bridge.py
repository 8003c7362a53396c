"""How talib is loaded: late, without pandas, and without getting in pandas' way."""

import subprocess
import sys

import pytest

# What is loaded shows in processes of their own.
pytestmark = pytest.mark.untraced

COMPUTE = """
import sys
import numpy as np
from quantloom.indicators import get_indicator, talib_bridge
values = get_indicator("SMA").bind(2).compute_arrays(np.arange(5.0))["value"]
assert values[1:].tolist() == [0.5, 1.5, 2.5, 3.5]
"""
USE_PANDAS = """
assert pandas.Series([1.0, 2.0]).rolling(2).mean().iloc[-1] == 1.5
"""


def run(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_catalog_lists_and_binds_without_talib() -> None:
    run("""
import sys
from quantloom.indicators import get_indicator, list_indicators
assert get_indicator("SMA").bind(10).warm_up == 9 and list_indicators()
assert not {"talib", "pandas", "polars", "numba"} & set(sys.modules)
""")


def test_computing_loads_talib_without_pandas() -> None:
    run(
        COMPUTE
        + """
assert "talib" in sys.modules
assert not {"pandas", "polars"} & set(sys.modules)
"""
    )


def test_pandas_may_be_imported_afterwards() -> None:
    run(COMPUTE + "import pandas" + USE_PANDAS)


def test_pandas_imported_before_stays_and_computing_works() -> None:
    run("import pandas" + COMPUTE + "assert sys.modules['pandas'] is pandas" + USE_PANDAS)


def test_the_import_system_is_left_as_it_was() -> None:
    run(
        """
import sys
import numpy
before = list(sys.meta_path)
"""
        + COMPUTE
        + """
assert sys.meta_path == before
"""
    )


def test_another_thread_may_import_pandas_while_talib_loads() -> None:
    run("""
import threading
from quantloom.indicators import talib_bridge
loaded = []
def load():
    import pandas
    loaded.append(pandas)
with talib_bridge._frames_hidden():
    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
assert loaded
""")


def test_many_threads_may_compute_first() -> None:
    run("""
import sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from quantloom.indicators import get_indicator
sma = get_indicator("SMA").bind(2)
with ThreadPoolExecutor(8) as pool:
    runs = [pool.submit(sma.compute_arrays, np.arange(5.0)) for _ in range(8)]
assert {run.result()["value"][-1] for run in runs} == {3.5}
assert "pandas" not in sys.modules
""")


def test_hiding_ends_when_loading_fails() -> None:
    from quantloom.indicators import talib_bridge

    before = list(sys.meta_path)
    with pytest.raises(RuntimeError), talib_bridge._frames_hidden():
        raise RuntimeError

    assert sys.meta_path == before
    assert not talib_bridge._hides_frames.get()
