"""Funding of perpetual positions: when it is due, at which rate, and what it moves."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray, from_ns, to_ns
from quantloom.market import exact, exactly
from quantloom.market.rulebook.topics import Funding
from quantloom.trading.perpetual import Perpetual
from quantloom.trading.rounding import divide_down

_MINUTE_NS = 60_000_000_000
_ONE_DAY = timedelta(days=1)


class BadFundingRates(Invalid):
    """A series of funding rates that cannot be told apart by their times, or holds no rates."""

    code = "funding.bad_rates"

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(row, problem)
        self.row, self.problem = row, problem

    def __str__(self) -> str:
        return (
            f"funding rate {self.row}: {self.problem}; give one time in UTC nanoseconds and one "
            "rate for each payment, oldest first, and leave out those that are not known"
        )


@dataclass(frozen=True, slots=True)
class FundingDue:
    """One payment between longs and shorts.

    Attributes:
        ts_ns: when, UTC nanoseconds, to the minute.
        rate: share of notional value that longs pay to shorts; None where the series has none.
        is_scheduled: whether the rule book knows of it.
        is_beyond_cap: whether the rate is more than the rule book allows, in either direction.
    """

    ts_ns: int
    rate: Decimal | None
    is_scheduled: bool = True
    is_beyond_cap: bool = False

    @property
    def is_missing(self) -> bool:
        """Due by the rules, and of an unknown rate; never taken as zero."""
        return self.rate is None


class FundingRates:
    """The funding rates that a venue has charged for one contract.

    Args:
        ts_ns: (n,) int64 UTC nanoseconds, ascending; cut to the nearest minute, since venues
            charge some seconds after the hour.
        rates: (n,) float64 shares of notional value, 0.0001 being 0.01 %.
    Raises:
        BadFundingRates: lengths differ, two payments in one minute, or a rate that is no number.
    """

    def __init__(self, ts_ns: IntArray, rates: FloatArray) -> None:
        if len(ts_ns) != len(rates):
            raise BadFundingRates(min(len(ts_ns), len(rates)), "times and rates differ in length")
        minutes = (np.asarray(ts_ns, np.int64) + _MINUTE_NS // 2) // _MINUTE_NS
        for row in np.flatnonzero(np.diff(minutes) <= 0)[:1]:
            raise BadFundingRates(int(row) + 1, "it is not later than the one before by a minute")
        for row in np.flatnonzero(~np.isfinite(rates))[:1]:
            raise BadFundingRates(int(row), f"{rates[row]} is no rate")
        self._times: IntArray = minutes * _MINUTE_NS
        self._rates = np.asarray(rates, np.float64)

    def columns(self) -> tuple[IntArray, FloatArray]:
        """Times and rates, as they make the same series again."""
        return self._times, self._rates

    def __repr__(self) -> str:
        told = hashlib.sha256(self._times.tobytes() + self._rates.tobytes()).hexdigest()
        return f"<FundingRates of {len(self._times)} payments, {told[:16]}>"

    def due(
        self, rule: Callable[[date], Funding | None], after_ns: int, until_ns: int
    ) -> tuple[FundingDue, ...]:
        """What is due in a span, in order: payments by the rules, and others that took place.

        A rate of the series between the times of the rules is due as well: intervals change by
        contract and day, and the venue's own series knows better than a book.

        Args:
            rule: what holds on a day in UTC; None where that is not known, so that only what took
                place is due.
            after_ns, until_ns: from just after the one to the other and with it.
        """
        known = dict(self._between(after_ns, until_ns))
        scheduled = set(funding_times(rule, after_ns, until_ns))
        return tuple(
            _due(ts_ns, known.get(ts_ns), rule(_day(ts_ns)), is_scheduled=ts_ns in scheduled)
            for ts_ns in sorted(scheduled | known.keys())
        )

    def _between(self, after_ns: int, until_ns: int) -> Iterator[tuple[int, Decimal]]:
        first, end = np.searchsorted(self._times, [after_ns, until_ns], side="right")
        for row in range(first, end):
            yield int(self._times[row]), exact(float(self._rates[row]))


def funding_times(
    rule: Callable[[date], Funding | None], after_ns: int, until_ns: int
) -> Iterator[int]:
    """When funding is due by the rules, from just after a time to another and with it."""
    day, last = _day(after_ns), _day(until_ns)
    while day <= last:
        known = rule(day)
        for clock in sorted(() if known is None else known.times):
            moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)
            if after_ns < (ts_ns := to_ns(moment)) <= until_ns:
                yield ts_ns
        day += _ONE_DAY


def funding_cash(contract: Perpetual, quantity: Decimal, mark: Decimal, rate: Decimal) -> Decimal:
    """What a payment adds to the account, below zero where it is paid.

    Args:
        quantity: signed, held as the payment fell due.
        mark: mark price at that time.
        rate: above zero, longs pay shorts; below, shorts pay longs.
    Returns:
        In the money that the contract is settled in; of an inverse one, cut to its quantum against
        the trader.
    Source:
        Binance, "Introduction to Futures Funding Rates": funding amount = nominal value of the
        position at its mark price x funding rate.
    """
    notional, denominator = contract.fraction(quantity, mark)
    with exactly():
        flow = -notional * rate if quantity > 0 else notional * rate
    return divide_down(flow, denominator, contract.quantum) if contract.is_inverse else flow


def _due(
    ts_ns: int, rate: Decimal | None, rule: Funding | None, *, is_scheduled: bool
) -> FundingDue:
    cap = None if rule is None else rule.cap
    is_beyond = rate is not None and cap is not None and abs(rate) > cap
    return FundingDue(ts_ns, rate, is_scheduled, is_beyond)


def _day(ts_ns: int) -> date:
    return from_ns(ts_ns).date()
