"""Kernels of the overfitting statistics, compiled by numba; nothing imports them before use."""

__all__ = ()
