"""What can go wrong on the market of strategies."""

from uuid import UUID

from quantloom.errors import Conflict, Invalid, NotFound


class NoSuchListing(NotFound):
    """Nothing of that id is offered."""

    code = "strategy_market.not_found"

    def __init__(self, listing_id: UUID) -> None:
        super().__init__(listing_id)
        self.listing_id = listing_id

    def __str__(self) -> str:
        return f"nothing is offered as {self.listing_id}; GET /api/v1/strategy-market lists all"


class AlreadyListed(Conflict):
    """A version that is offered already."""

    code = "strategy_market.already_listed"

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version

    def __str__(self) -> str:
        return f"version {self.version} is offered already; withdraw it, or offer another version"


class NotFit(Invalid):
    """A version that could not run."""

    code = "strategy_market.not_fit"

    def __init__(self, version: int, errors: int) -> None:
        super().__init__(version, errors)
        self.version, self.errors = version, errors

    def __str__(self) -> str:
        return (
            f"version {self.version} has {self.errors} errors and could not run; mend what "
            "GET /api/v1/strategies/{id}/check tells first"
        )


class NotSubscribed(Conflict):
    """A rating by somebody who has not taken it."""

    code = "strategy_market.not_subscribed"

    def __str__(self) -> str:
        return "subscribe first; who has not taken a strategy cannot rate it"


class OwnListing(Conflict):
    """An act on what the own workspace offers."""

    code = "strategy_market.own_listing"

    def __str__(self) -> str:
        return "your own workspace offers this; copy the strategy itself, and let others rate it"
