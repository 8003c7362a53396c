"""What Python does where plain machine code would go on: compiled strategies reckon by these.

Where Python would raise, and where a decision hangs on rounding, the desk is marked, and the event
engine makes the run. Each gives what Python gives, to the last bit.
"""

import math

import numpy as np

from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel

# Places of the desk, the account as a strategy sees it.
CASH, EQUITY, QUANTITY, AVERAGE_PRICE, SENT, FAULT, DOUBT, NEAR = range(8)
DESK = 8
COMMANDS, CELLS = 64, 8
"""Rows and columns of what one callback sends: code, amount, limit, stop, and for each way out its
kind and size."""

NAN, INF = math.nan, math.inf
_WHOLE = 2.0**53
_HALF = 0.5


@kernel
def fail(desk: FloatArray) -> None:
    """Note that Python would raise here."""
    desk[FAULT] = 1.0
    desk[SENT] += 1.0


@kernel
def doubt(desk: FloatArray) -> None:
    """Note that what comes hangs on rounding."""
    desk[DOUBT] = 1.0
    desk[SENT] += 1.0


@kernel
def send(cells: tuple[float, ...], commands: FloatArray, desk: FloatArray) -> None:
    """Note an order; the loop sends it once the callback is over."""
    place = int(desk[SENT])
    if place >= len(commands):
        fail(desk)
        return
    for cell in range(CELLS):
        commands[place, cell] = cells[cell]
    desk[SENT] = place + 1.0


@kernel
def given(number: float, desk: FloatArray) -> float:
    """A quantity or a price that is sent."""
    if not abs(number) < INF:
        fail(desk)
    return number


@kernel
def positive(number: float, desk: FloatArray) -> float:
    """A distance that is sent."""
    if not 0.0 < number < INF:
        fail(desk)
    return number


@kernel
def past(lines: FloatArray, place: int, row: int) -> float:
    """A line's value at a row, NaN before the first."""
    return float(lines[place, row]) if row >= 0 else NAN


@kernel
def at(lines: FloatArray, place: int, row: int, index: int, desk: FloatArray) -> float:
    """A line's value by an index, -1 for the present one."""
    if index >= 0:
        fail(desk)
        return NAN
    return past(lines, place, row + 1 + index)


@kernel
def whole(number: int, desk: FloatArray) -> int:
    """A whole number that is kept."""
    if abs(float(number)) > _WHOLE:
        fail(desk)
    return number


@kernel
def times(left: int, right: int, desk: FloatArray) -> int:
    """A product of whole numbers."""
    if abs(float(left) * float(right)) > _WHOLE:
        fail(desk)
    return left * right


@kernel
def divided(left: float, right: float, desk: FloatArray) -> float:
    """A quotient."""
    if right == 0.0:
        fail(desk)
        return NAN
    return left / right


@kernel
def left_over(left: float, right: float, desk: FloatArray) -> float:
    """What `%` leaves, with the sign of the divisor."""
    if right == 0.0:
        fail(desk)
        return NAN
    rest = float(np.fmod(left, right))
    if rest == 0.0:
        return math.copysign(0.0, right)
    return rest + right if (right < 0.0) != (rest < 0.0) else rest


@kernel
def floored(left: float, right: float, desk: FloatArray) -> float:
    """What `//` gives, as CPython finds it: from what is left over."""
    if right == 0.0:
        fail(desk)
        return NAN
    rest = float(np.fmod(left, right))
    count = (left - rest) / right
    if rest != 0.0 and (right < 0.0) != (rest < 0.0):
        count -= 1.0
    if count == 0.0:
        return math.copysign(0.0, left / right)
    low = float(np.floor(count))
    return low + 1.0 if count - low > _HALF else low


@kernel
def floored_whole(left: int, right: int, desk: FloatArray) -> int:
    """What `//` gives of whole numbers."""
    if right == 0:
        fail(desk)
        return 0
    return left // right


@kernel
def left_over_whole(left: int, right: int, desk: FloatArray) -> int:
    """What `%` leaves of whole numbers."""
    if right == 0:
        fail(desk)
        return 0
    return left - (left // right) * right


@kernel
def is_near(left: float, right: float, desk: FloatArray) -> bool:
    """Whether rounding may have made one of the other; before the first fill there was none."""
    return bool(abs(left - right) < desk[NEAR] * max(1.0, abs(left), abs(right)))


@kernel
def floored_rough(left: float, right: float, desk: FloatArray) -> float:
    """`floored` of money."""
    if right != 0.0 and is_near(left / right, np.rint(left / right), desk):
        doubt(desk)
    return floored(left, right, desk)


@kernel
def left_over_rough(left: float, right: float, desk: FloatArray) -> float:
    """`left_over` of money."""
    if right != 0.0 and is_near(left / right, np.rint(left / right), desk):
        doubt(desk)
    return left_over(left, right, desk)


@kernel
def floored_whole_rough(left: int, right: int, desk: FloatArray) -> int:
    """`floored_whole` of what was money before it was cut."""
    return floored_whole(left, right, desk)


@kernel
def left_over_whole_rough(left: int, right: int, desk: FloatArray) -> int:
    """`left_over_whole` of what was money before it was cut."""
    return left_over_whole(left, right, desk)


@kernel
def power(base: float, exponent: float, desk: FloatArray) -> float:
    """A power."""
    is_lost = base == 0.0 and exponent < 0.0
    is_complex = -INF < base < 0.0 and abs(exponent) < INF and exponent != np.floor(exponent)
    if is_lost or is_complex:
        fail(desk)
        return NAN
    found: float = base**exponent
    if abs(found) == INF and abs(base) < INF and abs(exponent) < INF:
        fail(desk)
    return found


@kernel
def is_less(left: float, right: float, desk: FloatArray) -> bool:
    """`<` of money."""
    if is_near(left, right, desk):
        doubt(desk)
    return left < right


@kernel
def is_at_most(left: float, right: float, desk: FloatArray) -> bool:
    """`<=` of money."""
    if is_near(left, right, desk):
        doubt(desk)
    return left <= right


@kernel
def is_more(left: float, right: float, desk: FloatArray) -> bool:
    """`>` of money."""
    if is_near(left, right, desk):
        doubt(desk)
    return left > right


@kernel
def is_at_least(left: float, right: float, desk: FloatArray) -> bool:
    """`>=` of money."""
    if is_near(left, right, desk):
        doubt(desk)
    return left >= right


@kernel
def is_equal(left: float, right: float, desk: FloatArray) -> bool:
    """`==` of money."""
    if is_near(left, right, desk):
        doubt(desk)
    return left == right


@kernel
def is_other(left: float, right: float, desk: FloatArray) -> bool:
    """`!=` of money."""
    if is_near(left, right, desk):
        doubt(desk)
    return left != right


@kernel
def smaller(left: float, right: float) -> float:
    """`min` of two, the first of equal ones."""
    return right if right < left else left  # noqa: FURB136  machine code's own takes NaN otherwise


@kernel
def greater(left: float, right: float) -> float:
    """`max` of two, the first of equal ones."""
    return right if right > left else left  # noqa: FURB136  as above


@kernel
def _kept_whole(number: float, desk: FloatArray) -> int:
    if not abs(number) <= _WHOLE:
        fail(desk)
        return 0
    return int(number)


@kernel
def truncated(number: float, desk: FloatArray) -> int:
    """`int` of a float."""
    return _kept_whole(number, desk)


@kernel
def lowered(number: float, desk: FloatArray) -> int:
    """`math.floor`."""
    return _kept_whole(np.floor(number), desk)


@kernel
def raised(number: float, desk: FloatArray) -> int:
    """`math.ceil`."""
    return _kept_whole(np.ceil(number), desk)


@kernel
def rounded(number: float, desk: FloatArray) -> int:
    """`round` to a whole number, halves to the even one."""
    return _kept_whole(np.rint(number), desk)


@kernel
def truncated_rough(number: float, desk: FloatArray) -> int:
    """`int` of money."""
    if is_near(number, np.rint(number), desk):
        doubt(desk)
    return truncated(number, desk)


@kernel
def lowered_rough(number: float, desk: FloatArray) -> int:
    """`math.floor` of money."""
    if is_near(number, np.rint(number), desk):
        doubt(desk)
    return lowered(number, desk)


@kernel
def raised_rough(number: float, desk: FloatArray) -> int:
    """`math.ceil` of money."""
    if is_near(number, np.rint(number), desk):
        doubt(desk)
    return raised(number, desk)


@kernel
def rounded_rough(number: float, desk: FloatArray) -> int:
    """`round` of money."""
    if is_near(abs(number - np.floor(number)), _HALF, desk):
        doubt(desk)
    return rounded(number, desk)


@kernel
def _low_part(left: float, right: float, product: float) -> float:
    """What the product of two floats has lost, exactly.

    Source:
        Dekker, A floating-point technique for extending the available precision, Numerische
        Mathematik 18 (1971).
    """
    split = 134_217_729.0  # 2**27 + 1
    high = split * left
    left_high = high - (high - left)
    left_low = left - left_high
    high = split * right
    right_high = high - (high - right)
    right_low = right - right_high
    rest = product - left_high * right_high - left_low * right_high - left_high * right_low
    return left_low * right_low - rest


@kernel
def rounded_to(number: float, scale: float, desk: FloatArray) -> float:
    """`round` to some decimals, `scale` being ten to their number: the true value decides."""
    scaled = number * scale
    if not abs(scaled) < _WHOLE / 2.0:
        if not abs(number) < INF:
            return number
        fail(desk)
        return NAN
    near = np.rint(scaled)
    beyond = (scaled - near) + _low_part(number, scale, scaled)
    if beyond > _HALF or (beyond == _HALF and near % 2.0 != 0.0):
        near += 1.0
    elif beyond < -_HALF or (beyond == -_HALF and near % 2.0 != 0.0):
        near -= 1.0
    return math.copysign(near / scale, number)


@kernel
def rounded_to_rough(number: float, scale: float, desk: FloatArray) -> float:
    """`rounded_to` of money."""
    scaled = number * scale
    if is_near(abs(scaled - np.floor(scaled)), _HALF, desk):
        doubt(desk)
    return rounded_to(number, scale, desk)


@kernel
def size(number: float, desk: FloatArray) -> float:  # noqa: ARG001  like the others
    """`math.fabs`."""
    return abs(number)


@kernel
def signed_as(number: float, sign: float, desk: FloatArray) -> float:  # noqa: ARG001
    """`math.copysign`."""
    return math.copysign(number, sign)


@kernel
def is_nan(number: float, desk: FloatArray) -> bool:  # noqa: ARG001
    """`math.isnan`."""
    return number != number  # noqa: PLR0124


@kernel
def is_infinite(number: float, desk: FloatArray) -> bool:  # noqa: ARG001
    """`math.isinf`."""
    return abs(number) == INF


@kernel
def is_finite(number: float, desk: FloatArray) -> bool:  # noqa: ARG001
    """`math.isfinite`."""
    return abs(number) < INF


@kernel
def root(number: float, desk: FloatArray) -> float:
    """`math.sqrt`."""
    if number < 0.0:
        fail(desk)
        return NAN
    return math.sqrt(number)


@kernel
def exponential(number: float, desk: FloatArray) -> float:
    """`math.exp`."""
    if number > 709.782712893384 and number < INF:
        fail(desk)
        return NAN
    return math.exp(number)


@kernel
def logarithm(number: float, desk: FloatArray) -> float:
    """`math.log`."""
    if number <= 0.0:
        fail(desk)
        return NAN
    return math.log(number)


@kernel
def logarithm_10(number: float, desk: FloatArray) -> float:
    """`math.log10`."""
    if number <= 0.0:
        fail(desk)
        return NAN
    return math.log10(number)


@kernel
def logarithm_2(number: float, desk: FloatArray) -> float:
    """`math.log2`."""
    if number <= 0.0:
        fail(desk)
        return NAN
    return math.log2(number)


@kernel
def sine(number: float, desk: FloatArray) -> float:
    """`math.sin`."""
    if abs(number) == INF:
        fail(desk)
        return NAN
    return math.sin(number)


@kernel
def cosine(number: float, desk: FloatArray) -> float:
    """`math.cos`."""
    if abs(number) == INF:
        fail(desk)
        return NAN
    return math.cos(number)


@kernel
def tangent(number: float, desk: FloatArray) -> float:
    """`math.tan`."""
    if abs(number) == INF:
        fail(desk)
        return NAN
    return math.tan(number)


@kernel
def arc_tangent(number: float, desk: FloatArray) -> float:  # noqa: ARG001
    """`math.atan`."""
    return math.atan(number)


@kernel
def hyperbolic_tangent(number: float, desk: FloatArray) -> float:  # noqa: ARG001
    """`math.tanh`."""
    return math.tanh(number)
