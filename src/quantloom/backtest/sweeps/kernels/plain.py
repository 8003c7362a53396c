"""The account of one parameter set whose orders are market orders that fill whole at the next open.

It is the lean case of `quantloom.backtest.kernels`, for a sweep's sake: no order waits, so a bar on
which nothing is signalled is passed without a look at the account. What does not fit (a bar that
fills a part, a minimum that a trimmed order meets) raises a flag, and the set is run anew by
`quantloom.backtest.kernels`.
"""

from math import ceil, floor, inf

from quantloom.backtest.sweeps.kernels.codes import ENTRY, EXIT, SHORT_ENTRY, SHORT_EXIT
from quantloom.backtest.sweeps.kernels.prices import worsened
from quantloom.backtest.sweeps.kernels.tables import Codes, Market, Rates, Terms, Watch
from quantloom.kit import FloatArray, IntArray
from quantloom.kit.compiling import kernel, part

CASH, LOTS, PRICE, PAID, ROW, CLOSES, OPENS = range(7)
TRIPS, WINS, LOSSES, WON, LOST, PROFIT, COMMISSION, SLIPPAGE, TRADED, HELD = range(7, 17)
DAY, BEFORE, PEAK, DEPTH, LOWEST, TOTAL, CUBES, FOURTHS, DOWN, BEST, WORST = range(17, 28)
RUIN, ODD, FILLS, AWAY, STOP, FIELDS = range(28, 34)
"""What is kept of an account.

CASH, signed LOTS, PRICE and commission PAID and ROW of the entry; CLOSES 1 and OPENS signed lots
are what was sent and fills at the next open. TRIPS: round trips, and what they came to. DAY: the
next to be marked; equity BEFORE it, its PEAK, the DEPTH below it, the LOWEST and their TOTAL; sums
of powers of daily returns, of the squares of those below zero, the BEST and the WORST. RUIN: what
the first day after all was lost returns. ODD: below 0 where the set does not fit. FILLS: how many.
AWAY: share of an entry's price at which its stop waits, 0 for none; STOP: where it waits in ticks.
"""

_NEAR = 1e-9
_EVERY_BYTE = 0x0101010101010101
_NO_PROFIT = 1e-12


@kernel
def whole(lots: float) -> float:
    """Whole lots, where what rounding took from the next number is given back."""
    return float(floor(lots + _NEAR * max(1.0, lots)))


@kernel
def cost_of(rates: Rates, minimum: float, lots: float, money: float) -> float:
    """Commission and taxes of an order that fills in one go."""
    commission = max(money * rates.money + lots * rates.lot, minimum)
    return commission + money * rates.tax_money + lots * rates.tax_lot


@kernel
def heeded(lots: float, turns: int) -> int:
    """The bits of a code that mean something to a position."""
    if lots == 0:
        return ENTRY | SHORT_ENTRY
    if lots > 0:
        return EXIT | (SHORT_ENTRY if turns else 0)
    return SHORT_EXIT | (ENTRY if turns else 0)


@kernel
def wanted_lots(terms: Terms, equity: float, price: float) -> float:
    """Lots of an entry that is sent at a close."""
    if not terms.is_share:
        return terms.size
    lots: float = whole(terms.size * equity / (price * terms.unit))
    return max(lots, 0.0)


@kernel
def affordable(
    terms: Terms, rates: Rates, ratio: float, lots: float, value: float, cash: float
) -> float:
    """How many of some lots a flat account may open.

    Args:
        ratio: margin. value: of one lot.
    Returns:
        0 where the order is refused, -1 where its minimum would decide how far it is cut.
    """
    needed, costs = lots * value * ratio, cost_of(rates, terms.minimum, lots, lots * value)
    if needed - (cash - costs) <= _NEAR * max(needed, abs(cash)):
        return lots
    if not terms.is_share:
        return 0.0
    if terms.minimum > 0:
        return -1.0
    each = value * (ratio + rates.money + rates.tax_money) + rates.lot + rates.tax_lot
    most: float = whole(cash / each)
    return max(most, 0.0)


@part
def basis(account: FloatArray, terms: Terms) -> float:
    """What equity would be at a price of 0."""
    tied: float = account[LOTS] * account[PRICE] * terms.unit if terms.is_margined else 0.0
    return float(account[CASH] - tied)


@part
def pay(account: FloatArray, costs: float, money: float, slipped: float) -> None:
    """Book what every fill has."""
    account[FILLS] += 1
    account[CASH] -= costs
    account[COMMISSION] += costs
    account[TRADED] += money
    account[SLIPPAGE] += slipped


@part
def close_position(
    account: FloatArray, terms: Terms, row: int, price: float, opened: float
) -> None:
    """Close what is open as one round trip."""
    lots, size = account[LOTS], abs(account[LOTS])
    money = size * price * terms.unit
    costs = cost_of(terms.sell_closes if lots > 0 else terms.buy_closes, terms.minimum, size, money)
    gross = lots * (price - account[PRICE]) * terms.unit
    profit = gross - account[PAID] - costs
    pay(account, costs, money, abs(price - opened) * size * terms.unit)
    account[CASH] += gross if terms.is_margined else lots * price * terms.unit
    account[TRIPS] += 1
    account[PROFIT] += profit
    if profit > _NO_PROFIT * money:
        account[WINS] += 1
        account[WON] += profit
    elif profit < -_NO_PROFIT * money:
        account[LOSSES] += 1
        account[LOST] += profit
    account[HELD] += row - account[ROW]
    account[LOTS] = 0.0


@kernel
def stop_ticks(ticks: float, away: float, is_long: bool) -> float:
    """Where the stop of an entry waits, on the tick away from it."""
    level = ticks * (1.0 - away) if is_long else ticks * (1.0 + away)
    near = _NEAR * max(1.0, level)
    return float(floor(level + near) if is_long else ceil(level - near))


@part
def open_position(account: FloatArray, terms: Terms, row: int, price: float, opened: float) -> None:
    """Open what was sent, as far as the account can pay for it."""
    is_long, asked = account[OPENS] > 0, abs(account[OPENS])
    rates = terms.buy_opens if is_long else terms.sell_opens
    ratio = terms.long_margin if is_long else terms.short_margin
    size = affordable(terms, rates, ratio, asked, price * terms.unit, account[CASH])
    if size <= 0:
        account[ODD] += size
        return
    money = size * price * terms.unit
    costs = cost_of(rates, terms.minimum, size, money)
    signed = size if is_long else -size
    pay(account, costs, money, abs(price - opened) * size * terms.unit)
    if not terms.is_margined:
        account[CASH] -= signed * price * terms.unit
    account[LOTS], account[PRICE], account[PAID], account[ROW] = signed, price, costs, row
    if account[AWAY] > 0:
        account[STOP] = stop_ticks(price * terms.bottom / terms.top, account[AWAY], is_long)


@part
def fill(
    account: FloatArray, terms: Terms, row: int, buy: float, sell: float, opened: float
) -> None:
    """Execute at an open what the bar before has sent."""
    if account[CLOSES] > 0:
        close_position(account, terms, row, sell if account[LOTS] > 0 else buy, opened)
        account[CLOSES] = 0.0
    if account[OPENS] != 0:
        open_position(account, terms, row, buy if account[OPENS] > 0 else sell, opened)
        account[OPENS] = 0.0


@part
def send(account: FloatArray, terms: Terms, code: int, price: float) -> None:
    """Answer a signal that the position heeds, after a close."""
    lots = account[LOTS]
    is_buy = (code & ENTRY) != 0 and lots <= 0
    is_short = (code & SHORT_ENTRY) != 0 and not is_buy and lots >= 0
    if lots != 0:
        is_buy, is_short = is_buy and terms.turns > 0, is_short and terms.turns > 0
        account[CLOSES] = 1.0
    if is_buy or (is_short and terms.can_short):
        size = wanted_lots(terms, basis(account, terms) + lots * price * terms.unit, price)
        account[OPENS] = size if is_buy else -size


@part
def stop_out(account: FloatArray, terms: Terms, row: int, opened: float) -> None:
    """Close at the stop, or at the open where that was beyond it already."""
    is_long, scale = account[LOTS] > 0, terms.bottom / terms.top
    met = min(opened * scale, account[STOP]) if is_long else max(opened * scale, account[STOP])
    sign = -1.0 if is_long else 1.0
    ticks = worsened(met, terms.slip_ticks, terms.slip_ratio, sign)
    to_price = terms.top / terms.bottom
    close_position(account, terms, row, ticks * to_price, met * to_price)


@part
def next_reached(
    codes: Codes, low: FloatArray, high: FloatArray, row: int, start: int, stop: int, watch: Watch
) -> int:
    """The next row with one of some bits or with prices that reach a stop; `stop` for none."""
    while (
        row < stop
        and (codes[row - start] & watch.bits) == 0
        and low[row] > watch.floor
        and high[row] < watch.ceiling
    ):
        row += 1
    return row


@part
def watched(account: FloatArray, terms: Terms) -> Watch:
    """What the position waits for."""
    level, bits = account[STOP] * terms.top / terms.bottom, heeded(account[LOTS], terms.turns)
    is_long, is_short = account[LOTS] > 0, account[LOTS] < 0
    return Watch(bits, level if is_long else -inf, level if is_short else inf)


@part
def next_signal(codes: Codes, words: IntArray, place: int, count: int, bits: int) -> int:
    """The next place with one of some bits, from a place on; `count` where there is none."""
    mask = bits * _EVERY_BYTE
    while place < count and (codes[place] & bits) == 0:
        place += 1
        if place & 7 == 0:
            while place < count and words[place >> 3] & mask == 0:
                place += 8
    return min(place, count)


@part
def mark(
    account: FloatArray,
    sums: FloatArray,
    ends: IntArray,
    blocks: IntArray,
    close: FloatArray,
    terms: Terms,
    until: int,
) -> None:
    """Mark the ends of days before a row."""
    rest, value = basis(account, terms), account[LOTS] * terms.unit
    day, before, block = int(account[DAY]), account[BEFORE], 0
    peak, depth, lowest, total = account[PEAK], account[DEPTH], account[LOWEST], account[TOTAL]
    cubes, fourths, down = account[CUBES], account[FOURTHS], account[DOWN]
    best, worst, ruin = account[BEST], account[WORST], account[RUIN]
    while day < len(ends) and ends[day] < until:
        while day >= blocks[block + 1]:
            block += 1
        equity = rest + value * close[ends[day]]
        earned = equity / before - 1.0 if before > 0 else ruin
        if before <= 0:
            ruin = 0.0
        square = earned * earned
        sums[block, 0] += 1.0
        sums[block, 1] += earned
        sums[block, 2] += square
        cubes += square * earned
        fourths += square * square
        down += square if earned < 0 else 0.0
        best, worst = max(best, earned), min(worst, earned)
        peak = max(peak, equity)
        depth = max(depth, (peak - equity) / peak)
        lowest = min(lowest, equity)
        total += equity
        before = equity
        day += 1
    account[DAY], account[BEFORE] = day, before
    account[PEAK], account[DEPTH], account[LOWEST], account[TOTAL] = peak, depth, lowest, total
    account[CUBES], account[FOURTHS], account[DOWN] = cubes, fourths, down
    account[BEST], account[WORST], account[RUIN] = best, worst, ruin


@part
def check_room(account: FloatArray, most: FloatArray, row: int, lots: float) -> None:
    """Raise the flag where a bar would not fill so many lots."""
    if len(most) and lots > most[row]:
        account[ODD] = -1.0


@part
def note(account: FloatArray, terms: Terms, log: FloatArray, row: int, fills: float) -> None:
    """Write down what is left after a fill, where there has been one and somebody asks."""
    if len(log) and account[FILLS] > fills:
        place = int(account[FILLS]) - 1
        log[place, 0], log[place, 1] = row, basis(account, terms)
        log[place, 2] = account[LOTS]


@kernel
def follow(
    account: FloatArray,
    sums: FloatArray,
    market: Market,
    terms: Terms,
    codes: Codes,
    words: IntArray,
    log: FloatArray,
    start: int,
    stop: int,
) -> None:
    """Go through the codes of rows start to stop, where entries have no stop.

    Args:
        words: the bytes of `codes`, eight at a time.
        log: (f, 3) room for row, equity at a price of 0 and lots after each fill; f may be 0.
    """
    buy, sell, opens, close, most = market.buy, market.sell, market.open, market.close, market.most
    ends, blocks, row = market.ends, market.blocks, start
    while row < stop:
        if account[CLOSES] > 0 or account[OPENS] != 0:
            if ends[int(account[DAY])] < row:
                mark(account, sums, ends, blocks, close, terms, row)
            check_room(account, most, row, max(abs(account[LOTS]), abs(account[OPENS])))
            fills = account[FILLS]
            fill(account, terms, row, buy[row], sell[row], opens[row])
            note(account, terms, log, row, fills)
        bits = heeded(account[LOTS], terms.turns)
        row = start + next_signal(codes, words, row - start, stop - start, bits)
        if row < stop:
            send(account, terms, int(codes[row - start]), close[row])
        row += 1
    if ends[int(account[DAY])] < stop:
        mark(account, sums, ends, blocks, close, terms, stop)


@kernel
def follow_with_stops(
    account: FloatArray,
    sums: FloatArray,
    market: Market,
    terms: Terms,
    codes: Codes,
    log: FloatArray,
    start: int,
    stop: int,
) -> None:
    """Likewise where each entry has a stop.

    It is apart from `follow` because the look at every bar would take that twice the time.
    """
    buy, sell, opens, close, most = market.buy, market.sell, market.open, market.close, market.most
    high, low, ends, blocks, row = market.high, market.low, market.ends, market.blocks, start
    while row < stop:
        if account[CLOSES] > 0 or account[OPENS] != 0:
            if ends[int(account[DAY])] < row:
                mark(account, sums, ends, blocks, close, terms, row)
            check_room(account, most, row, max(abs(account[LOTS]), abs(account[OPENS])))
            fills = account[FILLS]
            fill(account, terms, row, buy[row], sell[row], opens[row])
            note(account, terms, log, row, fills)
        watch = watched(account, terms)
        row = next_reached(codes, low, high, row, start, stop, watch)
        if row < stop and (low[row] <= watch.floor or high[row] >= watch.ceiling):
            if ends[int(account[DAY])] < row:
                mark(account, sums, ends, blocks, close, terms, row)
            # The bar may have filled the entry too.
            check_room(account, most, row, 2.0 * abs(account[LOTS]))
            stop_out(account, terms, row, opens[row])
            note(account, terms, log, row, 0.0)
        if row < stop and codes[row - start] & heeded(account[LOTS], terms.turns):
            send(account, terms, int(codes[row - start]), close[row])
        row += 1
    if ends[int(account[DAY])] < stop:
        mark(account, sums, ends, blocks, close, terms, stop)
