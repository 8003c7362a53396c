"""The compiled core: one account trading one instrument, in floats, without a Python object.

It gives what `simulation` and `trading.Ledger` give; docs/reference/fills.md says what that is.

- `layout`: every array, record and code. `Market` holds what does not change, the bars, the terms
  of each trading day and of the run; `Run` what does: the `State` (account, orders
  that work, open lots) and the logs. `new_run` makes one.
- `grid`: prices on the tick and whole lots out of floats, with a count of *doubts* where rounding
  decides.
- `account`: what a fill costs, whether it may happen, how it is booked.
- `orders`: `submit`, `attach`, `cancel`, `leave`, `expected`, `expire_all`.
- `matching`: `match`, which offers one bar to the orders that work.
- `driving`: `show` a bar to a state, `flush` its notes to the logs, `finish` a run.
- `signals`: `advance`, which follows signals over a block of bars, and `advance_weights`.

The state's status is FINE, or says why `advance` came back before its block was over: LOG_FULL,
where the fills or round trips have to be read and their counts set back to zero before it goes on;
SLOTS_FULL and LOTS_FULL, where the run needs more room or the event engine.

A caller of `match` of its own shows each bar (`driving.show`), matches it if orders work, sends
orders after its close by `submit` and `attach`, calls `tidy`, and then `flush`.

Nothing imports these modules before it runs something: they load numba.
"""

__all__ = ()
