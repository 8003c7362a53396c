"""Indicators compiled by numba, one module for each family; nothing imports them before use.

A kernel runs over the rows it is handed and keeps what it must remember in small arrays that it is
handed too. Over whole columns it runs once; for a stream it runs once for each bar, over one row.
So batch and stream are the same machine code doing the same steps in the same order.

Every function named like an indicator makes a fresh `Run` of it: the kernel and what it remembers.
"""

__all__ = ()
