"""What can go wrong with a source outside, in the five ways a caller can act on."""

from datetime import datetime

from quantloom.errors import Invalid, NotFound, Unavailable


class ProviderUnavailable(Unavailable):
    """A provider that cannot be reached, answers with a fault, or takes too long; try it later."""

    code = "data.provider_unavailable"

    def __init__(self, provider: str, problem: str) -> None:
        super().__init__(provider, problem)
        self.provider, self.problem = provider, problem

    def __str__(self) -> str:
        return (
            f"{self.provider} cannot be had now: {self.problem}; "
            "run the same command later, it goes on where it was"
        )


class ProviderRateLimited(Unavailable):
    """A provider that wants fewer questions.

    Attributes:
        wait_s: how long it asks to wait, 0 where it does not say.
    """

    code = "data.provider_rate_limited"

    def __init__(self, provider: str, problem: str, wait_s: float = 0.0) -> None:
        super().__init__(provider, problem, wait_s)
        self.provider, self.problem, self.wait_s = provider, problem, wait_s

    def __str__(self) -> str:
        wait = f"wait {self.wait_s:g} seconds" if self.wait_s else "wait a while"
        return f"{self.provider} refuses more questions: {self.problem}; {wait}, or ask for less"


class ProviderBadData(Unavailable):
    """An answer that is not what the provider should have said: nothing of it was kept.

    Attributes:
        may_pass: whether the same question may bring a sound answer, as after a cut connection;
            a column that was renamed does not come back.
    """

    code = "data.provider_bad_data"

    def __init__(self, provider: str, function: str, problem: str, may_pass: bool = False) -> None:  # noqa: FBT001, FBT002  errors take their facts by position, to pickle
        super().__init__(provider, function, problem, may_pass)
        self.provider, self.function, self.problem = provider, function, problem
        self.may_pass = may_pass

    def __str__(self) -> str:
        return (
            f"{self.provider} gave no usable answer to {self.function}: {self.problem}; nothing "
            "was stored. Ask again later, upgrade the vendor's package, or try another provider"
        )


class NothingSoEarly(NotFound):
    """A span before the first bar a provider has, as its answer shows.

    Attributes:
        first: open time of that bar.
    """

    code = "data.nothing_so_early"

    def __init__(self, provider: str, symbol: str, first: datetime) -> None:
        super().__init__(provider, symbol, first)
        self.provider, self.symbol, self.first = provider, symbol, first

    def __str__(self) -> str:
        return (
            f"{self.provider} has no bars of {self.symbol} before {self.first}; ask for later ones"
        )


class SymbolNotFound(NotFound):
    """A symbol the provider does not know."""

    code = "data.symbol_not_found"

    def __init__(self, provider: str, symbol: str) -> None:
        super().__init__(provider, symbol)
        self.provider, self.symbol = provider, symbol

    def __str__(self) -> str:
        return f"{self.provider} knows no {self.symbol}; check its spelling and its exchange"


class NotSupported(Invalid):
    """Something this provider does not offer."""

    code = "data.not_supported"

    def __init__(self, provider: str, wanted: str, offered: str) -> None:
        super().__init__(provider, wanted, offered)
        self.provider, self.wanted, self.offered = provider, wanted, offered

    def __str__(self) -> str:
        return f"{self.provider} does not offer {self.wanted}; it offers {self.offered}"


class ProviderNotFound(NotFound):
    """A provider of a name that no plug-in has."""

    code = "data.provider_not_found"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known

    def __str__(self) -> str:
        return f"no provider is called {self.name!r}; there are {', '.join(self.known)}"


class BadProviderSetting(Invalid):
    """A provider opened with a setting it cannot use, or without one that it needs."""

    code = "data.bad_provider_setting"

    def __init__(self, provider: str, setting: str, problem: str) -> None:
        super().__init__(provider, setting, problem)
        self.provider, self.setting, self.problem = provider, setting, problem

    def __str__(self) -> str:
        return f"{self.provider}: {self.setting} {self.problem}"
