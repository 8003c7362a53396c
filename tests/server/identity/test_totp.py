from datetime import UTC, datetime

import pytest

from quantloom_server.identity import recovery, totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)

    assert totp.code_at(SECRET, totp.step_of(moment)) == code


def test_no_step_counts_that_is_not_after_the_last_one() -> None:
    now = datetime.fromtimestamp(3_000, UTC)
    code = totp.code_at(SECRET, 100)

    assert totp.matching_step(SECRET, code, now) == 100
    assert totp.matching_step(SECRET, code, now, last_step=99) == 100
    assert totp.matching_step(SECRET, code, now, last_step=100) is None
    assert totp.matching_step(SECRET, code, now, last_step=101) is None


@pytest.mark.parametrize("code", ["", "28708", "2870822", "٢٨٧٠٨٢", "abcdef"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert totp.matching_step(SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_recovery_codes_differ_and_are_read_as_they_are_typed() -> None:
    codes = recovery.new_codes()

    assert len(set(codes)) == recovery.COUNT
    for code in codes:
        assert recovery.plain(f" {code.lower()} ") == code.replace("-", "").encode()


@pytest.mark.parametrize("text", ["", "123456", "A" * 15, "A" * 17, "0" * 16, "I" * 16])
def test_what_cannot_be_a_recovery_code_is_none(text: str) -> None:
    assert recovery.plain(text) is None
