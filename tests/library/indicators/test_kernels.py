"""How kernels are compiled and run: late, once, and as the Python that they are written in."""

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

from quantloom.indicators import IndicatorDefinition, get_indicator, kernels
from quantloom.indicators.compiled_entries import COMPILED
from quantloom.kit import compiling
from tests.library.indicators.builders import random_bars, stream_over

EACH = pytest.mark.parametrize("definition", COMPILED, ids=lambda entry: entry.name)
MODULES = [
    import_module(f"{kernels.__name__}.{module.name}") for module in iter_modules(kernels.__path__)
]


def compiled_in(module: ModuleType) -> dict[str, CPUDispatcher]:
    return {name: value for name, value in vars(module).items() if isinstance(value, CPUDispatcher)}


@pytest.fixture
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in MODULES:
        for name, function in compiled_in(module).items():
            monkeypatch.setattr(module, name, function.py_func)


@EACH
@pytest.mark.usefixtures("uncompiled")
def test_python_gives_what_the_compiled_code_gives(
    definition: IndicatorDefinition, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, bars = definition.bind(), random_bars(400)
    plain = chosen.compute(bars)
    monkeypatch.undo()

    for name, values in chosen.compute(bars).items():
        np.testing.assert_allclose(plain[name], values, rtol=1e-12, atol=1e-300)


@EACH
def test_batch_and_stream_share_one_compiled_kernel(definition: IndicatorDefinition) -> None:
    chosen, bars = definition.bind(), random_bars(30)
    chosen.compute(bars)
    stream_over(chosen, bars)

    family, function = definition.batch.args[:2]  # type: ignore[attr-defined]
    module = import_module(f"{kernels.__name__}.{family}")
    assert len(compiled_in(module)[f"_{function}"].signatures) == 1


@pytest.mark.untraced
def test_numba_loads_when_an_indicator_is_first_used() -> None:
    program = (
        "import sys, quantloom.indicators as i\n"
        "chosen = i.get_indicator('VWMA').bind()\n"
        "assert 'numba' not in sys.modules\n"
        "chosen.stream()\n"
        "assert 'numba' in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


def test_kernels_compile_where_nothing_can_be_kept_on_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, asked = compiling._compile, []

    def compile_without_disk(function: Callable[[float], float], *, cache: bool) -> Any:
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(function, cache=False)

    monkeypatch.setattr(compiling, "_compile", compile_without_disk)

    assert compiling.kernel(lambda value: value + 1.0)(1.0) == 2.0
    assert asked == [True, False]


def test_machine_code_is_kept_beside_its_source() -> None:
    get_indicator("VWMA").bind().compute(random_bars(30))

    kept = compiled_in(import_module(f"{kernels.__name__}.averages"))["_vwma"].stats.cache_path
    assert list(Path(str(kept)).glob("averages._vwma-*.nbi"))
