"""Fees of crypto venues: by maker and taker, by tier, in the quote, the base or a token."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self

from quantloom.errors import NotFound
from quantloom.market import exactly
from quantloom.market.rulebook.topics import MakerTaker
from quantloom.trading.perpetual import COIN_QUANTUM
from quantloom.trading.rounding import divide_up
from quantloom.trading.terms import ZERO

_VOLUME_DAYS = 30
_ONE = Decimal(1)


class NoFeeTier(NotFound):
    """A schedule of fees has no tier of this name, or none for a new account."""

    code = "costs.no_fee_tier"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known

    def __str__(self) -> str:
        return f"no fee tier {self.name!r}; choose one of {', '.join(self.known) or 'none'}"


class FeeAsset(StrEnum):
    """What a fee is taken in.

    Quote is the money a trade is settled in, which is coin for an inverse contract. Base is what a
    spot buyer receives. Token is the venue's own, at a discount.
    """

    QUOTE = "quote"
    BASE = "base"
    TOKEN = "token"  # noqa: S105  no password


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTier:
    """Rates of one tier, shares of traded money; a maker's below zero is a rebate.

    Attributes:
        volume: least money traded in the 30 days before.
    """

    name: str
    volume: Decimal = ZERO
    maker: Decimal
    taker: Decimal

    def rate(self, *, is_maker: bool) -> Decimal:
        """What an order pays that rested in the book, or that took from it."""
        return self.maker if is_maker else self.taker


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """The tiers of one market on one day, by volume.

    Raises:
        NoFeeTier: none of them is open to an account that has not traded.
    """

    tiers: tuple[FeeTier, ...]

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.tiers, key=lambda tier: tier.volume))
        object.__setattr__(self, "tiers", ordered)
        if not ordered or ordered[0].volume > 0:
            raise NoFeeTier("0", self.names)

    @classmethod
    def of(cls, rules: Iterable[MakerTaker]) -> Self:
        """The schedule that rules describe, each tier named by its number."""
        return cls(
            tuple(
                FeeTier(name=str(one.tier), volume=one.volume, maker=one.maker, taker=one.taker)
                for one in rules
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(tier.name for tier in self.tiers)

    def named(self, name: str) -> FeeTier:
        """A tier by its name.

        Raises:
            NoFeeTier: there is none.
        """
        for tier in self.tiers:
            if tier.name == name:
                return tier
        raise NoFeeTier(name, self.names)

    def by_volume(self, money: Decimal) -> FeeTier:
        """The highest tier that this much money, traded in 30 days, opens."""
        return max(
            (tier for tier in self.tiers if tier.volume <= money), key=lambda tier: tier.volume
        )


class TradedVolume:
    """Money traded in the 30 days before a day; the day itself does not count, as at venues."""

    def __init__(self, days: int = _VOLUME_DAYS) -> None:
        self._days = days
        self._traded: deque[tuple[int, Decimal]] = deque()

    def add(self, day: int, money: Decimal) -> None:
        """Count a fill.

        Args:
            day: days since 1970, never before an earlier call's.
        """
        with exactly():
            if self._traded and self._traded[-1][0] == day:
                money += self._traded.pop()[1]
        self._traded.append((day, money))

    def before(self, day: int) -> Decimal:
        """What was traded in the days before one."""
        while self._traded and self._traded[0][0] < day - self._days:
            self._traded.popleft()
        with exactly():
            return sum((money for past, money in self._traded if past < day), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeToken:
    """A venue's token that pays fees at a discount.

    Attributes:
        discount: share taken off, 0.1 for 10 %. price: of one token, in money of the quote.
        balance: tokens at hand.
    """

    discount: Decimal
    price: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FillFee:
    """The fee of one fill, below zero where it is a rebate.

    Attributes:
        amount: of the asset. money: the same in the quote.
    """

    asset: FeeAsset
    amount: Decimal
    money: Decimal


def fee_in_quote(rate: Decimal, money: Decimal) -> FillFee:
    """A fee in the money of the trade, exact.

    Args:
        money: notional value of the fill; of an inverse contract `Perpetual.notional`, in coin.
    """
    with exactly():
        amount = money * rate
    return FillFee(asset=FeeAsset.QUOTE, amount=amount, money=amount)


def fee_in_base(
    rate: Decimal, quantity: Decimal, price: Decimal, *, quantum: Decimal = COIN_QUANTUM
) -> FillFee:
    """A fee in what a spot buyer receives, cut up to a quantum: he gets the quantity less it."""
    with exactly():
        amount = divide_up(quantity * rate, _ONE, quantum)
        return FillFee(asset=FeeAsset.BASE, amount=amount, money=amount * price)


def fee_in_token(
    rate: Decimal, money: Decimal, token: FeeToken, *, quantum: Decimal = COIN_QUANTUM
) -> FillFee:
    """A fee in a venue's token, cut up to a quantum.

    In the quote and without a discount where the tokens do not reach. A rebate is of the quote.

    Source:
        Binance, "Fee Schedule of Binance Futures": 10 % off for fees in BNB; where the balance is
        not enough, USDT is taken without the discount.
    """
    if rate <= 0:
        return fee_in_quote(rate, money)
    with exactly():
        amount = divide_up(money * rate * (1 - token.discount), token.price, quantum)
        if amount > token.balance:
            return fee_in_quote(rate, money)
        return FillFee(asset=FeeAsset.TOKEN, amount=amount, money=amount * token.price)
