"""What can be wrong with a run on ticks."""

from quantloom.errors import Invalid


class TicksWithoutQuotes(Invalid):
    """Ticks that hold trades alone: there is no price at which an order could take."""

    code = "ticks.without_quotes"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return (
            f"{self.symbol}: the ticks are trades without quotes; merge_ticks them with quotes, "
            "or backtest on ticks.bars('1m')"
        )


class OnlyOnBars(Invalid):
    """A strategy on ticks asked for what there is on bars alone."""

    code = "ticks.only_on_bars"

    def __init__(self, asked: str) -> None:
        super().__init__(asked)
        self.asked = asked

    def __str__(self) -> str:
        return (
            f"{self.asked} is for runs on bars, not on ticks; "
            "docs/how-to/ticks.md says what there is instead"
        )


class NoTickCallback(Invalid):
    """A strategy that does not say what to do on a tick."""

    code = "ticks.no_callback"

    def __init__(self, strategy: str) -> None:
        super().__init__(strategy)
        self.strategy = strategy

    def __str__(self) -> str:
        return f"{self.strategy} has no on_tick(self, ctx, tick); write one for a run on ticks"


class ProgramFailed(Invalid):
    """A compiled program asked for more than its desk holds, or cannot be compiled."""

    code = "ticks.program_failed"

    def __init__(self, program: str, problem: str) -> None:
        super().__init__(program, problem)
        self.program, self.problem = program, problem

    def __str__(self) -> str:
        return f"{self.program}: {self.problem}; docs/how-to/ticks.md says what a program may do"


class ProgramBeyondAccount(Invalid):
    """A compiled program filled what the account could not have held."""

    code = "ticks.program_beyond_account"

    def __init__(self, program: str, moment: str, reason: str) -> None:
        super().__init__(program, moment, reason)
        self.program, self.moment, self.reason = program, moment, reason

    def __str__(self) -> str:
        return (
            f"{self.program}: at {self.moment} the account could not have taken a fill: "
            f"{self.reason}; give more cash, or let the program hold less"
        )
