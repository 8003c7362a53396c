"""Random orders of every kind, priced around the market so that they meet it."""

from decimal import Decimal
from random import Random
from typing import Any

Row = dict[str, Any]
_D = Decimal

_DO = [
    *("buy", "buy", "buy", "short", "short", "short", "sell", "cover", "target", "value", "weight"),
    *("close", "cancel", "cancel_all", "oco"),
]
_TARGETS = {"target", "value", "weight", "close"}


def random_action(
    random: Random,
    instruments: dict[str, Row],
    closes: dict[str, Decimal],
    hours: list[int],
    now: int,
) -> Row:
    """One line of a script.

    Args:
        closes: the present price of each instrument, by symbol.
        hours, now: the open times of the run, and the present one.
    """
    do, symbol = random.choice(_DO), random.choice(list(instruments))
    if do == "cancel":
        return {"do": do, "order": random.randint(0, 12)}
    if do == "cancel_all":
        return {"do": do, "symbol": random.choice([None, symbol])}
    if do == "oco":
        return {"do": do, "orders": random.sample(range(12), random.choice([2, 2, 3]))}
    lot, unit = instruments[symbol]["lot"], closes[symbol] * instruments[symbol]["multiplier"]
    action: Row = {"do": do, "symbol": symbol}
    if do in _TARGETS:
        return action | _target(random, do, lot, unit)
    return _enter_or_leave(random, action, instruments, closes, hours, now)


def _target(random: Random, do: str, lot: Decimal, unit: Decimal) -> Row:
    tif = random.choice(
        [{}, {}, {}, {"tif": random.choice(["DAY", "IOC", "FOK", "OPEN", "CLOSE"])}]
    )
    if do == "target":
        return tif | {"quantity": random.choice([_D(1), _D("1.5")]) * random.randint(-9, 9) * lot}
    if do == "value":
        return tif | {"quantity": random.randint(-8, 8) * lot * unit}
    if do == "weight":
        of = random.choice([{}, {}, {"of": "margin"}])
        return tif | of | {"quantity": random.choice([_D("0.5"), _D(1), _D(-1), _D(0), _D(3)])}
    return tif


def _enter_or_leave(
    random: Random,
    action: Row,
    instruments: dict[str, Row],
    closes: dict[str, Decimal],
    hours: list[int],
    now: int,
) -> Row:
    one, close = instruments[action["symbol"]], closes[action["symbol"]]
    odd = random.choice([_D("1.5"), _D(0), _D(100_000)])
    lots = random.choice([None, None, None, *map(_D, (1, 1, 2, 2, 3, 3, 5, 5, 8, 13)), odd])
    action["quantity"] = None if lots is None else lots * one["lot"]
    kind = random.choice(["market", "market", "limit", "limit", "stop", "stop_limit", "trail"])
    if kind in {"limit", "stop_limit"}:
        action["price"] = _price(random, close, one["tick"])
    if kind in {"stop", "stop_limit"}:
        action["stop"] = _price(random, close, one["tick"])
    if kind == "trail":
        action["trail"] = _distance(random, one["tick"])
    action |= _how_long(random, kind, hours, now)
    if random.random() < 0.12:
        action["when"] = _condition(random, instruments, closes, hours, now, action["symbol"])
    only_closes = action["do"] in {"sell", "cover"}
    if random.random() < 0.25:
        offsets = ["close", "close_today", "close_yesterday", "auto"]
        action["offset"] = random.choice(offsets if only_closes else ["open", *offsets])
    if not only_closes and random.random() < 0.08 and action.get("offset") != "open":
        action["reduce_only"] = True
    only_closes |= "reduce_only" in action or action.get("offset", "").startswith("close")
    if not only_closes and random.random() < 0.4:
        action |= _bracket(random, 1 if action["do"] == "buy" else -1, close, one["tick"])
    return action


def _price(random: Random, close: Decimal, tick: Decimal) -> Decimal:
    odd = random.choice([_D(0)] * 16 + [_D("0.5")])
    return (close // tick + random.randint(-6, 6) + odd) * tick


def _distance(random: Random, tick: Decimal) -> Row:
    unit = random.choice(["ticks", "percent", "points"])
    count = random.choice([_D(1), _D(2), _D(4), _D("2.5"), _D("0.7")])
    return {"unit": unit, "count": count * tick if unit == "points" else count}


def _how_long(random: Random, kind: str, hours: list[int], now: int) -> Row:
    tifs = ["GTC", "DAY", "DAY"]
    if kind in {"market", "limit"}:
        tifs += ["IOC", "FOK", "OPEN", "CLOSE"]
    terms: Row = random.choice(
        [{}, {}, {}, {"tif": random.choice(tifs)}, {"tif": random.choice(tifs)}]
    )
    if not terms and random.random() < 0.15:
        terms = {"until": _later(random, hours, now)}
        if random.random() < 0.5:
            terms["tif"] = "GTD"
    if (
        kind == "limit"
        and terms.get("tif", "GTC") in {"GTC", "DAY", "GTD"}
        and random.random() < 0.2
    ):
        terms["post_only"] = True
    return terms


def _later(random: Random, hours: list[int], now: int) -> int:
    later = [hour for hour in hours if hour > now] or [now + 1]
    return random.choice(later) + random.choice([0, 0, 1])


def _condition(
    random: Random,
    instruments: dict[str, Row],
    closes: dict[str, Decimal],
    hours: list[int],
    now: int,
    own: str,
) -> Row:
    if random.random() < 0.3:
        return {"at": _later(random, hours, now)}
    symbol = random.choice([own, *instruments])
    price = closes[symbol] + random.randint(-6, 6) * instruments[symbol]["tick"]
    return {"symbol": symbol, "price": max(price, _D(1)), "is_above": random.random() < 0.5}


def _bracket(random: Random, sign: int, close: Decimal, tick: Decimal) -> Row:
    """A stop, a target or both, mostly on their proper sides of the entry."""
    side = random.choice([1, 1, 1, 1, 1, -1])
    bracket: Row = {}
    for name, away in (("stop_loss", -sign * side), ("take_profit", sign * side)):
        if random.random() < 0.25:
            continue
        form = random.choice(["price", "distance", "distance", "trails"])
        if form == "price":
            ticks = close // tick + away * random.randint(1, 6)
            bracket[name] = {"price": (ticks + random.choice([_D(0)] * 16 + [_D("0.5")])) * tick}
        else:
            bracket[name] = {"distance": _distance(random, tick)}
            if form == "trails" and name == "stop_loss":
                bracket[name]["trails"] = True
    return bracket
