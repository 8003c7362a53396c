"""A sample of a table with its roles, and what several questions of detection rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from quantloom.data.arrow import ints
from quantloom.data.readers.given import Roles
from quantloom.data.readers.mapping import Finding, Hints, Role, given
from quantloom.data.readers.profiles import Profile
from quantloom.data.readers.raw import Form, RawTable
from quantloom.data.readers.rows import joined
from quantloom.data.readers.units import read_price_scale
from quantloom.data.readers.written import NS_PER_DAY, Moments, Written
from quantloom.kit import IntArray

_PRICED = (
    Role.OPEN,
    Role.HIGH,
    Role.LOW,
    Role.CLOSE,
    Role.BID_OPEN,
    Role.BID_CLOSE,
    Role.ASK_OPEN,
    Role.ASK_CLOSE,
)


@dataclass(slots=True)
class Sheet:
    """A sample with its roles, times and hints: what detection hands around."""

    table: RawTable
    hints: Hints
    profiles: Sequence[Profile]
    roles: Roles
    kind: str

    @property
    def form(self) -> Form:
        return self.table.form

    def column(self, role: Role) -> Profile | None:
        return self.roles.of(role)

    def written(self, role: Role) -> str:
        one = self.roles.of(role)
        return "" if one is None else self.roles.found[one.place].written


def known_times(wall: Moments) -> IntArray:
    """Times of the rows that have one."""
    return wall.ns[~wall.unreadable]


def wall_of(sheet: Sheet) -> Moments:
    """Times of the sample as the source's clock showed them; dates and clocks put together."""
    read = {
        role: one.moments(sheet.written(role))
        for role in (Role.TIME, Role.DATE, Role.CLOCK)
        if (one := sheet.column(role)) is not None
    }
    if Role.TIME in read:
        return read[Role.TIME]
    if Role.DATE in read and Role.CLOCK in read:
        return joined(read[Role.DATE], read[Role.CLOCK])
    return read.get(Role.DATE) or read[Role.CLOCK]


def member_of(form: Form) -> str | None:
    """A part of an archive is named for what it holds; a sheet or a key hardly ever is."""
    return form.member if form.compression == "zip" and form.member else None


def first_block(sheet: Sheet, wall: Moments) -> IntArray:
    """Different times of the instrument that has most rows, where several are mixed."""
    column = sheet.column(Role.SYMBOL)
    if column is None:
        return np.unique(known_times(wall))
    rows = _codes(column)
    most = int(np.bincount(rows).argmax()) if len(rows) else 0
    found: IntArray = np.unique(wall.ns[(rows == most) & ~wall.unreadable])
    return found


def _codes(column: Profile) -> IntArray:
    """A number for each different cell."""
    coded: Any = column.cells.cast(pa.string()).combine_chunks().dictionary_encode()
    return ints(pa.chunked_array([coded.indices]))


def is_midnight(wall: Moments) -> bool:
    """Whether every time is a date alone."""
    return wall.has_date and not (known_times(wall) % NS_PER_DAY).any() and wall.offset is None


def is_lean(sheet: Sheet) -> bool:
    """No header, and times as only LEAN writes them."""
    if any(one.name for one in sheet.profiles):
        return False
    if sheet.written(Role.CLOCK) == Written.DAY_MILLIS:
        return True
    time = sheet.column(Role.TIME) or sheet.column(Role.DATE)
    if time is None or sheet.form.kind != "text":
        return False
    return all(len(text) == 14 and text[8] == " " and text[11] == ":" for text in time.texts()[:9])


def is_scaled(sheet: Sheet) -> bool:
    """Whether prices are whole numbers of some part of the currency."""
    return price_scale(sheet).value != 1.0


def price_scale(sheet: Sheet) -> Finding[float]:
    """What prices are divided by."""
    if sheet.hints.price_scale is not None:
        return given(sheet.hints.price_scale)
    prices = [one.numbers for one in sheet.profiles if sheet.roles.found[one.place].role in _PRICED]
    if not prices:
        return Finding(1.0)
    return read_price_scale(np.concatenate(prices), is_lean=is_lean(sheet))


def rows_of_one(sheet: Sheet, wall: Moments) -> IntArray:
    """Rows of the instrument that comes first, the oldest first."""
    column = sheet.column(Role.SYMBOL)
    rows = np.arange(len(wall.ns))
    if column is not None:
        of = _codes(column)
        rows = rows[of == of[0]] if len(of) else rows
    order = np.argsort(wall.ns[rows], kind="stable")
    kept: IntArray = rows[order]
    return kept
