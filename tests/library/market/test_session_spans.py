"""Sessions of many days at once are those of each day."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.kit import to_ns
from quantloom.market import SessionTable, get_calendar

NAMES = ["us_stock", "cn_stock", "cn_futures", "cffex", "SHFE.rb", "SHFE.ag", "INE.sc", "CZCE.SR"]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=10)
@given(st.dates(date(2005, 1, 3), date(2025, 12, 1)), st.integers(1, 400))
def test_spans_of_many_days_are_the_sessions_of_each(name: str, first: date, count: int) -> None:
    calendar = get_calendar(name)
    assert isinstance(calendar, SessionTable)
    days = calendar.trading_days(first, first + timedelta(days=count + 14))

    opens, closes, counts = calendar.spans(np.array(days, dtype="datetime64[D]"))

    listed = [calendar.sessions(day) for day in days]
    assert counts.tolist() == [len(sessions) for sessions in listed]
    every = [session for sessions in listed for session in sessions]
    assert opens.tolist() == [to_ns(session.open) for session in every]
    assert closes.tolist() == [to_ns(session.close) for session in every]
