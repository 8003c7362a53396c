"""The mark of a strategy whose `on_bar` may be compiled."""

from typing import TypeVar

from quantloom.strategy.base import Strategy

Marked = TypeVar("Marked", bound=type[Strategy])


def compiled(strategy: Marked) -> Marked:
    """Let an engine compile the `on_bar` of a strategy, which then runs some ten times as fast.

    ```python
    @compiled
    class Breakout(Strategy):
        threshold: float = Parameter(0.01, low=0.0, high=1.0)
    ```

    It stays an ordinary strategy, and means the same wherever it runs. What can be compiled is a
    part of Python: docs/reference/compiled.md. A class that uses more runs as Python, with a
    warning that says which line it was.
    """
    strategy.is_compiled = True
    return strategy
