"""What can go wrong with API keys."""

from quantloom.errors import Conflict, Forbidden, NotFound
from quantloom_server.platform.errors import Unauthenticated


class BadKey(Unauthenticated):
    """A key that is unknown, revoked, too old, or of somebody who may not use it any more."""

    code = "keys.bad_key"

    def __str__(self) -> str:
        return "this API key is not valid, or not any more; make a new one"


class AddressRefused(Forbidden):
    """A key that is used from where its owner did not allow it."""

    code = "keys.address_refused"

    def __init__(self, hint: str, address: str) -> None:
        super().__init__(hint, address)
        self.hint, self.address = hint, address

    def __str__(self) -> str:
        return (
            f"the API key {self.hint} is not allowed from {self.address}; call from one of its "
            "networks, or make another key"
        )


class ScopesBeyond(Forbidden):
    """A key that could do more than its owner, or what a program must not do."""

    code = "keys.beyond_own"

    def __init__(self, scopes: str) -> None:
        super().__init__(scopes)
        self.scopes = scopes

    def __str__(self) -> str:
        return f"a key cannot have {self.scopes}: only what you hold, and what programs may do"


class NoSuchKey(NotFound):
    """A key that is not there, or somebody else's."""

    code = "keys.no_such_key"

    def __str__(self) -> str:
        return "there is no such API key; GET /api/v1/keys lists yours"


class TooManyKeys(Conflict):
    """More keys than anybody keeps in sight."""

    code = "keys.too_many"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return f"you have {self.most} API keys that count; revoke one first"
