import re

from hypothesis import given
from hypothesis import strategies as st

from quantloom_server.identity.keys import tokens
from tests.server.support import IDS


def test_a_key_tells_its_id_and_looks_as_scanners_expect() -> None:
    key = tokens.make(IDS.new())

    assert re.fullmatch(r"ql_live_[0-9A-Za-z]{71}", key.text)
    assert tokens.read(key.text) == key
    assert key.text not in repr(key)
    assert key.hint == f"ql_live_...{key.text[-4:]}"


def test_no_two_keys_of_one_id_are_the_same() -> None:
    key_id = IDS.new()

    assert tokens.make(key_id) != tokens.make(key_id)


@given(place=st.integers(8, tokens.LENGTH - 1), digit=st.sampled_from("0Zz_-"))
def test_a_typing_error_is_found_by_the_checksum(place: int, digit: str) -> None:
    text = tokens.make(IDS.new()).text
    typed = text[:place] + digit + text[place + 1 :]

    assert (tokens.read(typed) is None) == (typed != text)


@given(st.text(max_size=90))
def test_what_is_no_key_is_none(text: str) -> None:
    assert tokens.read(text) is None
    assert tokens.read((tokens.PREFIX + text).ljust(tokens.LENGTH, "z")[: tokens.LENGTH]) is None
