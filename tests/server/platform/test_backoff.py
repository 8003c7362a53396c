from random import Random

import pytest

from quantloom_server.platform.backoff import backoff_s


@pytest.mark.parametrize(("attempt", "most"), [(1, 1.0), (2, 2.0), (4, 8.0), (9, 60.0), (9999, 60)])
def test_each_wait_is_twice_the_one_before_up_to_the_longest(attempt: int, most: float) -> None:
    waits = [backoff_s(attempt, Random(seed), most_s=60.0) for seed in range(50)]

    assert all(most / 2 <= wait <= most for wait in waits)
    assert len(set(waits)) > 1
