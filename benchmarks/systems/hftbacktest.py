# mypy: disable-error-code="import-not-found, misc, no-untyped-call, untyped-decorator"
"""hftbacktest, its compiled strategy in numba, on a book of every level it was told of."""

from collections.abc import Callable
from typing import Any

import hftbacktest as hft
import numpy as np
from numba import njit

from benchmarks.systems.job import Outcome, TickColumns, TickJob, answer_on_ticks


@njit
def trade(hbt: Any, wait_ns: float, away: float) -> None:
    """The maker of `quantloom_ticks`, decision for decision."""
    order, is_out, next_ns, waits = 0, False, 0.0, False
    while hbt.wait_next_feed(waits, 10**18) != 1:
        now = hbt.current_timestamp
        if now % 2 == 1 or now < next_ns:
            continue
        next_ns = now + wait_ns
        position, depth = hbt.position(0), hbt.depth(0)
        if is_out:
            known = hbt.orders(0).get(order)
            if known is None or known.status in {hft.FILLED, hft.CANCELED, hft.EXPIRED}:
                is_out = False
                hbt.clear_inactive_orders(0)
        if is_out:
            best = depth.best_ask if position > 0.0 else depth.best_bid
            known = hbt.orders(0).get(order)
            if abs(known.price - best) > away and known.cancellable:
                hbt.cancel(0, order, waits)
        elif position > 0.0:
            order += 1
            hbt.submit_sell_order(0, order, depth.best_ask, 1.0, hft.GTC, hft.LIMIT, waits)
            is_out = True
        else:
            order += 1
            hbt.submit_buy_order(0, order, depth.best_bid, 1.0, hft.GTC, hft.LIMIT, waits)
            is_out = True


def prepare(job: TickJob) -> Callable[[], Outcome]:
    latency_ns = round(job.parameters["latency_ms"] * 1e6)
    events = _events(job.columns, latency_ns)
    last = float(job.columns.price[np.isfinite(job.columns.price)][-1])

    def run() -> Outcome:
        asset = (
            hft.BacktestAsset()
            .data(events)
            .linear_asset(1.0)
            .constant_order_latency(latency_ns, latency_ns)
            .risk_adverse_queue_model()
            .no_partial_fill_exchange()
            .trading_value_fee_model(0.0, 0.0)
            .tick_size(float(job.tick))
            .lot_size(1.0)
        )
        hbt = hft.ROIVectorMarketDepthBacktest([asset.roi_lb(1.0).roi_ub(60_000.0)])
        trade(hbt, job.parameters["wait_ns"], job.parameters["away"])
        state, held = hbt.state_values(0), hbt.position(0)
        fills = int(state.num_trades)
        outcome = Outcome(
            trades=(fills - int(held)) // 2,
            open_trades=int(held),
            final_equity=job.cash + float(state.balance) + held * last,
        )
        hbt.close()
        return outcome

    return run


def _events(columns: TickColumns, latency_ns: int) -> Any:
    """One event for each row; two where a level goes: it is emptied, and the next one told."""
    is_trade, count = columns.kind == 2, len(columns.ts)
    before = np.maximum(np.arange(count) - 1, 0)
    is_bid = (columns.bid != columns.bid[before]) | (columns.bid_size != columns.bid_size[before])
    gone = columns.ts % 2 == 1
    flags = np.where(
        is_trade,
        hft.TRADE_EVENT | np.where(columns.side > 0, hft.BUY_EVENT, hft.SELL_EVENT),
        hft.DEPTH_EVENT | np.where(is_bid, hft.BUY_EVENT, hft.SELL_EVENT),
    )
    price = np.where(is_trade, columns.price, np.where(is_bid, columns.bid, columns.ask))
    size = np.where(is_trade, columns.size, np.where(is_bid, columns.bid_size, columns.ask_size))
    place = np.repeat(np.arange(count), np.where(gone, 2, 1))
    is_first = gone[place] & np.append(True, place[1:] != place[:-1])
    events = np.zeros(len(place), hft.event_dtype)
    events["ev"] = flags[place] | hft.EXCH_EVENT | hft.LOCAL_EVENT
    events["exch_ts"] = columns.ts[place]
    events["local_ts"] = columns.ts[place] + latency_ns
    old = np.where(is_bid, columns.bid[before], columns.ask[before])
    events["px"] = np.where(is_first, old[place], price[place])
    events["qty"] = np.where(is_first, 0.0, size[place])
    # The book begins with both sides.
    begin = np.repeat(events[:1], 2)
    begin["ev"] = hft.DEPTH_EVENT | hft.EXCH_EVENT | hft.LOCAL_EVENT
    begin["ev"] |= np.array([hft.BUY_EVENT, hft.SELL_EVENT], np.uint64)
    begin["px"] = columns.bid[0], columns.ask[0]
    begin["qty"] = columns.bid_size[0], columns.ask_size[0]
    return np.concatenate([begin, events[1:] if not is_trade[0] else events])


if __name__ == "__main__":
    answer_on_ticks({"maker": prepare})
