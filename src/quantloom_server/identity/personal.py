"""What the platform holds of a person, in parts: each domain tells its own, and forgets it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import orjson

from quantloom_server.platform.transaction import Transaction

Part = Mapping[str, Any]
Teller = Callable[[Transaction, UUID], AsyncIterator[Part]]
Forgetter = Callable[[Transaction, UUID], Awaitable[None]]
AnyTeller = TypeVar("AnyTeller", bound=Teller)
AnyForgetter = TypeVar("AnyForgetter", bound=Forgetter)

TELLERS: dict[str, Teller] = {}
FORGETTERS: dict[str, Forgetter] = {}


def tells(name: str) -> Callable[[AnyTeller], AnyTeller]:
    """Declare the function under it as what reads a part of a person's data, such as `sessions`."""

    def declare(teller: AnyTeller) -> AnyTeller:
        TELLERS[name] = teller
        return teller

    return declare


def forgets(name: str) -> Callable[[AnyForgetter], AnyForgetter]:
    """Declare the function under it as what removes a part of a person's data.

    Rows that law or a ledger needs stay: they name the account by its id, which names nobody any
    more.
    """

    def declare(forgetter: AnyForgetter) -> AnyForgetter:
        FORGETTERS[name] = forgetter
        return forgetter

    return declare


async def write_export(tx: Transaction, user_id: UUID) -> AsyncIterator[bytes]:
    """Write all that is held of a person as one JSON object, a list for each part."""
    yield b"{"
    for place, (name, teller) in enumerate(sorted(TELLERS.items())):
        yield (b"," if place else b"") + orjson.dumps(name) + b":["
        is_first = True
        async for part in teller(tx, user_id):
            yield (b"" if is_first else b",") + orjson.dumps(part, default=str)
            is_first = False
        yield b"]"
    yield b"}\n"


async def forget_parts(tx: Transaction, user_id: UUID) -> None:
    for _, forgetter in sorted(FORGETTERS.items()):
        await forgetter(tx, user_id)
