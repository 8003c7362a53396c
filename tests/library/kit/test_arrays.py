import numpy as np
import pytest

from quantloom.kit import freeze


def test_a_frozen_view_refuses_writing_and_leaves_the_original_writable() -> None:
    mine = np.array([1.0, 2.0])

    frozen = freeze(mine)

    with pytest.raises(ValueError, match="read-only"):
        frozen[0] = 9.0
    mine[0] = 3.0
    assert mine[0] == 3.0


def test_freezing_shares_memory() -> None:
    mine = np.arange(5)

    assert np.shares_memory(freeze(mine), mine)
