"""How large values usually are where they stand, worked out of all at once or block by block."""

from dataclasses import dataclass

import numpy as np

from quantloom.kit import FloatArray, IntArray

_BLOCK = 128
# The 90th percentile of a normal size, in standard deviations.
_NORMAL_90 = 1.6449
# Sizes are counted by their exponent and ten bits behind it: to 0.1 %, from 2**-40 to 2**16.
_SHIFT, _LEAST = 42, (1023 - 40) << 10
_CODES = 56 << 10


@dataclass(frozen=True, slots=True)
class LocalScale:
    """How large each of some values usually is.

    Attributes:
        count: how many values there are.
        blocks: (m,) standard deviations, of 128 values each; the last also of what is left over.
    """

    count: int
    blocks: FloatArray

    def at(self, places: IntArray) -> FloatArray:
        """The scale of values by their places."""
        return self.blocks[np.minimum(places // _BLOCK, len(self.blocks) - 1)]

    def middle(self) -> float:
        """The median of the scales of all values, the upper of two."""
        sizes = np.full(len(self.blocks), _BLOCK)
        sizes[-1] = self.count - _BLOCK * (len(sizes) - 1)
        order = np.argsort(self.blocks, kind="stable")
        place = int(np.searchsorted(np.cumsum(sizes[order]), self.count // 2, side="right"))
        return float(self.blocks[order[place]])


class ScaleTally:
    """Takes values block by block; holds one number for 128 of them."""

    def __init__(self) -> None:
        self.count = 0
        self._few: list[FloatArray] = []
        self._uppers: list[FloatArray] = []
        self._rest: FloatArray = np.empty(0)
        self._counts: IntArray = np.zeros(_CODES, dtype=np.int64)

    def add(self, values: FloatArray) -> None:
        """Take values that follow those before, all finite."""
        sizes = np.abs(values)
        self.count += len(sizes)
        if self.count < 2 * _BLOCK:
            self._few.append(sizes)
        self._counts += np.bincount(_codes(sizes), minlength=_CODES)
        held = np.concatenate([self._rest, sizes]) if len(self._rest) else sizes
        whole = len(held) // _BLOCK * _BLOCK
        if whole:
            self._uppers.append(_upper(held[:whole].reshape(-1, _BLOCK)))
        self._rest = held[whole:].copy()

    def done(self) -> LocalScale:
        """Estimate how large a value usually is where it stands, whatever a few of them are.

        The 90th percentile of sizes in blocks of 128, at least half of that of all values, and at
        least what the calmer of the two blocks beside it has.
        """
        if self.count < 2 * _BLOCK:
            few = np.concatenate([*self._few, np.empty(0)])
            return LocalScale(self.count, _upper(few[None, :]) if len(few) else np.zeros(1))
        found = np.concatenate(self._uppers)
        before, after = np.append(found[1], found[:-1]), np.append(found[1:], found[-2])
        found = np.maximum(found, np.minimum(before, after))
        return LocalScale(self.count, np.maximum(found, self._upper_of_all() / 2))

    def _upper_of_all(self) -> float:
        place = min(int(0.9 * self.count), self.count - 1)
        code = int(np.searchsorted(np.cumsum(self._counts), place, side="right"))
        bits = np.array([(code + _LEAST) << _SHIFT if code else 0], dtype=np.int64)
        return float(bits.view(np.float64)[0]) / _NORMAL_90


def local_scale(values: FloatArray) -> FloatArray:
    """Estimate how large each value usually is where it stands; `ScaleTally.done` says how.

    Args:
        values: (n,) finite, n above zero.
    """
    tally = ScaleTally()
    tally.add(values)
    return tally.done().at(np.arange(len(values)))


def middle(values: FloatArray) -> FloatArray:
    """The median along the last axis, the upper of two; np.median would import numpy.ma.

    Args:
        values: (..., n), n above zero.
    """
    place = values.shape[-1] // 2
    found: FloatArray = np.partition(values, place, axis=-1)[..., place]
    return found


def _codes(sizes: FloatArray) -> IntArray:
    codes: IntArray = np.clip((sizes.view(np.int64) >> _SHIFT) - _LEAST, 0, _CODES - 1)
    return codes


def _upper(sizes: FloatArray) -> FloatArray:
    place = min(int(0.9 * sizes.shape[1]), sizes.shape[1] - 1)
    upper: FloatArray = np.partition(sizes, place, axis=1)[:, place] / _NORMAL_90
    return upper
