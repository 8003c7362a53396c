"""Kernels of labels, compiled by numba; nothing imports them before use."""

__all__ = ()
