"""Machine code that was kept from other kernels than those of today."""

from pathlib import Path

import pytest

from quantloom.kit.compiling import forget_stale


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    cache = tmp_path / "indicators" / "kernels" / "__pycache__"
    cache.mkdir(parents=True)
    (cache.parent / "averages.py").write_text("STEP = 1\n")
    forget_stale(tmp_path)
    (cache / "averages.mean-1.py311.nbi").write_bytes(b"machine code")
    return cache


def test_machine_code_stays_while_no_kernel_changes(cache: Path, tmp_path: Path) -> None:
    forget_stale(tmp_path)

    assert [*cache.glob("*.nbi")]


def test_a_change_to_any_kernel_forgets_the_machine_code_of_all(
    cache: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "backtest" / "kernels"
    elsewhere.mkdir(parents=True)
    (elsewhere / "matching.py").write_text("STEP = 2\n")

    forget_stale(tmp_path)

    assert not [*cache.glob("*.nbi")]
