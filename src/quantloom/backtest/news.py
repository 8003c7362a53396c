"""News of fills and orders, and what keeps a strategy from answering them for ever."""

from collections.abc import Sequence

from quantloom.errors import Invalid
from quantloom.trading import Fill, Order

# News of one bar, with that of orders sent in answer to it: more than this is a loop.
MAX_NEWS = 100_000


class RunawayOrders(Invalid):
    """A strategy that answers every order with another one."""

    code = "strategy.runaway_orders"

    def __init__(self, order_id: int) -> None:
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        return (
            f"orders up to {self.order_id} each answered the one before, and it does not end; "
            "on_fill and on_order_update must not send an order on every call"
        )


def last_of_each(news: Sequence[Order | Fill]) -> list[Order | Fill]:
    """Leave out what is told of an order before its last news: it would be handed as it is now."""
    last = {id(item): place for place, item in enumerate(news)}
    return [item for place, item in enumerate(news) if last[id(item)] == place]
