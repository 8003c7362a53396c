"""Every way of tampering with a chain shows, and where."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom_server.audit.chain import Break, Verifier, seal_all
from quantloom_server.platform.trail import detail_hash
from tests.server.support import IDS

KEY, KEY_ID = bytes(range(32)), "k1"
SALT = bytes(16)
Link: TypeAlias = dict[str, Any]


def make_entry(action: str = "t.done", after: dict[str, Any] | None = None) -> Link:
    return {
        "id": IDS.new(),
        "at": datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        "workspace_id": IDS.new(),
        "actor_id": IDS.new(),
        "session_id": None,
        "key_id": None,
        "address": "10.0.0.1",
        "request_id": "r",
        "action": action,
        "object_kind": "thing",
        "object_id": "7",
        "before_hash": None,
        "after_hash": detail_hash(SALT, after),
    }


def make_chain(size: int = 5) -> list[Link]:
    """Sealed entries as the database tells them."""
    entries = [make_entry(after={"n": number}) for number in range(size)]
    return [
        {
            **entry,
            "seq": seal.seq,
            "sealed_entry": seal.entry_id,
            "previous": seal.previous,
            "hash": seal.hash,
            "seal_key": KEY_ID,
            "salt": SALT,
            "before": None,
            "after_": orjson.dumps({"n": number}),
        }
        for number, (entry, seal) in enumerate(
            zip(entries, seal_all(entries, after=None, key=KEY), strict=True)
        )
    ]


def breaks(chain: list[Link], anchors: dict[int, bytes] | None = None) -> list[Break]:
    verifier = Verifier({KEY_ID: KEY}, anchors or {})
    found = [each for row in chain for each in verifier.check(row)]
    return [*found, *verifier.missing_tail()]


def change(field: str, value: object) -> Callable[[list[Link]], None]:
    def tamper(chain: list[Link]) -> None:
        chain[2][field] = value

    return tamper


def swap(chain: list[Link]) -> None:
    chain[2], chain[3] = {**chain[3], "seq": 3}, {**chain[2], "seq": 4}


def test_an_untouched_chain_holds() -> None:
    chain = make_chain()

    assert breaks(chain, {5: chain[-1]["hash"]}) == []


@pytest.mark.parametrize(
    "tamper",
    [
        change("action", "t.undone"),
        change("object_id", "8"),
        change("actor_id", None),
        change("at", datetime(2024, 1, 2, 3, 4, 5, 7, tzinfo=UTC)),
        change("id", None),
        change("after_", orjson.dumps({"n": 99})),
        change("after_hash", None),
        change("hash", bytes(32)),
        change("previous", bytes(32)),
        change("seal_key", "another"),
        lambda chain: chain.__delitem__(2),
        swap,
    ],
    ids=["action", "object", "actor", "time", "entry gone", "detail", "detail hash", "hash",
         "previous", "key", "link gone", "order"],
)  # fmt: skip
def test_tampering_shows_at_its_link(tamper: Callable[[list[Link]], None]) -> None:
    chain = make_chain()
    tamper(chain)

    found = breaks(chain)

    assert min(each.seq for each in found) in {3, 4}


def test_a_tail_that_was_cut_off_shows_by_its_anchor() -> None:
    chain = make_chain()

    assert breaks(chain[:3]) == []
    assert [each.seq for each in breaks(chain[:3], {5: chain[-1]["hash"]})] == [5]


def test_a_chain_made_anew_shows_by_its_anchor() -> None:
    anchored = make_chain()
    forged = make_chain()

    found = breaks(forged, {3: anchored[2]["hash"]})

    assert [each.seq for each in found] == [3]
    assert "anchored" in found[0].problem


def test_erased_details_leave_the_chain_whole() -> None:
    chain = make_chain()
    for field in ("salt", "before", "after_"):
        chain[2][field] = None

    assert breaks(chain) == []


@given(st.integers(0, 4), st.integers(0, 31), st.integers(1, 255))
def test_a_flipped_byte_of_any_hash_shows(place: int, byte: int, flip: int) -> None:
    chain = make_chain()
    torn = bytearray(chain[place]["hash"])
    torn[byte] ^= flip
    chain[place]["hash"] = bytes(torn)

    assert breaks(chain)
