"""Kernels of sweeps."""
