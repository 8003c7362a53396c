import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.secrets import CannotUnseal, Vault

OLD = b"the first of two keys, thirty-two bytes and more"
NEW = b"the second of two keys, as long as the first one"
HERE = "totp/1/alice"


def make_vault(*keys: bytes) -> Vault:
    return Vault(KeyRing(keys or (OLD,)))


@given(st.binary(max_size=300))
def test_a_sealed_secret_opens_at_its_place(secret: bytes) -> None:
    vault = make_vault()

    assert vault.unseal(vault.seal(secret, bound_to=HERE), bound_to=HERE) == secret


def test_the_same_secret_is_never_sealed_the_same_way_twice() -> None:
    vault = make_vault()

    assert vault.seal(b"x", bound_to=HERE) != vault.seal(b"x", bound_to=HERE)
    assert b"hunter2" not in vault.seal(b"hunter2", bound_to=HERE)


def test_a_secret_moved_to_another_row_opens_nothing() -> None:
    vault = make_vault()
    sealed = vault.seal(b"x", bound_to=HERE)

    with pytest.raises(CannotUnseal, match="belongs elsewhere"):
        vault.unseal(sealed, bound_to="totp/2/bob")


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_flipped_byte_opens_nothing(place: int, flip: int) -> None:
    vault = make_vault()
    torn = bytearray(vault.seal(b"secret", bound_to=HERE))
    torn[place % len(torn)] ^= flip

    with pytest.raises(CannotUnseal):
        vault.unseal(bytes(torn), bound_to=HERE)


@pytest.mark.parametrize("size", [0, 1, 17, 60, 104])
def test_a_torn_secret_opens_nothing(size: int) -> None:
    vault = make_vault()

    with pytest.raises(CannotUnseal, match="damaged"):
        vault.unseal(vault.seal(b"", bound_to=HERE)[:size], bound_to=HERE)


def test_a_key_is_turned_over_without_opening_what_it_protects() -> None:
    sealed = make_vault(OLD).seal(b"secret", bound_to=HERE)
    both = make_vault(NEW, OLD)

    wrapped = both.rewrap(sealed, bound_to=HERE)

    assert not both.is_current(sealed)
    assert both.is_current(wrapped)
    assert make_vault(NEW).unseal(wrapped, bound_to=HERE) == b"secret"
    assert wrapped[-len(b"secret") - 28 :] == sealed[-len(b"secret") - 28 :]
    with pytest.raises(CannotUnseal, match="not in the ring"):
        make_vault(NEW).unseal(sealed, bound_to=HERE)
