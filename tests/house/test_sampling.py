"""Of many rows that prove the same a run takes a sample, always the same one; `make soak` all."""

import pytest

from tests.conftest import is_in_sample

IDS = [f"tests/test_rows.py::test_a_row[{number}]" for number in range(1_000)]


@pytest.mark.sample(0.5)
@pytest.mark.parametrize("number", range(20))
def test_a_run_has_the_rows_of_its_sample_alone(
    number: int, request: pytest.FixtureRequest
) -> None:
    takes_all = not request.config.option.markexpr

    assert takes_all or is_in_sample(request.node.nodeid, 0.5)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_sample_is_about_its_share(share: float) -> None:
    taken = [name for name in IDS if is_in_sample(name, share)]

    assert abs(len(taken) / len(IDS) - share) < 0.05


def test_a_share_of_one_takes_every_row_and_of_zero_none() -> None:
    assert all(is_in_sample(name, 1.0) for name in IDS)
    assert not any(is_in_sample(name, 0.0) for name in IDS)


def test_a_greater_sample_holds_the_smaller_one() -> None:
    few, many = ({name for name in IDS if is_in_sample(name, share)} for share in (0.2, 0.6))

    assert few < many
