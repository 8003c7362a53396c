"""Quotients cut to a quantum, since the quotient of two exact numbers need not be one."""

from decimal import ROUND_HALF_UP, Context, Decimal

from quantloom.market import exactly

_CENT = Decimal("0.01")
_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)


def divide_down(numerator: Decimal, denominator: Decimal, quantum: Decimal) -> Decimal:
    """The largest multiple of a quantum that is not above a quotient.

    Args:
        denominator, quantum: above zero.
    """
    with exactly():
        # divmod cuts towards zero, so what is below zero has to go one further down.
        whole, rest = divmod(numerator, denominator * quantum)
        return (whole - 1 if rest < 0 else whole) * quantum


def divide_up(numerator: Decimal, denominator: Decimal, quantum: Decimal) -> Decimal:
    """The smallest multiple of a quantum that is not below a quotient."""
    with exactly():
        return -divide_down(-numerator, denominator, quantum)


def to_cent(amount: Decimal) -> Decimal:
    """Money to the nearest hundredth, a half one away from zero, as brokers book it."""
    return _HALF_UP.quantize(amount, _CENT)
