from decimal import Decimal

import numpy as np
import pytest

from quantloom.kit import freeze, objects


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


@pytest.mark.parametrize("values", [["long", "", "x"], [Decimal("0.10"), None, 3], []])
def test_a_column_of_objects_leaves_each_as_it_is(values: list[object]) -> None:
    column = objects(values)

    assert column.dtype == object
    assert column.shape == (len(values),)
    assert all(one is other for one, other in zip(column, values, strict=True))
