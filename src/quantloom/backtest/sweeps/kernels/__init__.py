"""Lines, codes and lean accounts of many parameter sets, compiled.

- `tables`: the records of arrays that the kernels read and write.
- `lines`: indicators by blocks of bars, bit for bit those of `quantloom.indicators`.
- `codes`: what a set signals on each bar of a block.
- `plain`: an account whose market orders fill whole at the next open.
- `running`: a group of sets over a stretch of bars.
"""

__all__ = ()
