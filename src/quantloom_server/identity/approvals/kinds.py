"""Which acts can wait for a second person: each is known by its name and the shape of its payload.

A domain declares its own by `@approvable`; the act is done in the transaction that decides, for
whoever decides.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.transaction import Transaction

Payload = TypeVar("Payload", bound=BaseModel)
Act = Callable[[Transaction, Payload], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of act; who decides must hold `needs` besides the right to decide."""

    name: str
    payload: type[BaseModel]
    needs: Permission
    act: Callable[[Transaction, Any], Awaitable[None]]


KINDS: dict[str, Kind] = {}


def approvable(
    name: str, *, payload: type[Payload], needs: Permission
) -> Callable[[Act[Payload]], Act[Payload]]:
    """Declare the function under it as what is done once an act is approved.

    Args:
        name: such as `access.member_role`; it is stored, so it never changes meaning.
        payload: what the act needs to know, all of it.
        needs: what whoever decides must hold too.
    """

    def declare(act: Act[Payload]) -> Act[Payload]:
        KINDS[name] = Kind(name, payload, needs, cast("Act[Any]", act))
        return act

    return declare
