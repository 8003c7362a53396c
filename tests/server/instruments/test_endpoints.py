from typing import Any

import pytest

from quantloom.market.rulebook import rule_book
from quantloom_server.platform.permissions import Permission
from tests.server.support import MakeCaller, SignIn, body_of

PATH = "/api/v1/market/instruments"
ON = {"on": "2024-03-01"}


@pytest.fixture
async def client(make_caller: MakeCaller, sign_in: SignIn) -> Any:
    return await sign_in(await make_caller(Permission.MARKET_READ))


async def read(client: Any, symbol: str) -> dict[str, Any]:
    answer = await client.get(f"{PATH}/{symbol}", params=ON)
    assert answer.status_code == 200, answer.text
    return body_of(answer)


async def test_only_who_may_read_the_market_comes_in(
    make_caller: MakeCaller, sign_in: SignIn, visitor: Any
) -> None:
    other = await sign_in(await make_caller(Permission.PROFILE))

    assert (await visitor.get(PATH)).status_code == 401
    assert (await other.get(PATH)).status_code == 403
    assert (await other.get(f"{PATH}/rb2405.SHFE")).status_code == 403


async def test_instruments_are_searched_by_pinyin(client: Any) -> None:
    body = body_of(await client.get(PATH, params={"q": "gzmt"}))

    assert [item["symbol"] for item in body["items"]] == ["600519.SSE"]
    assert body["items"][0]["name"] == {"zh": "贵州茅台", "en": "Kweichow Moutai"}
    assert body["taken_for"] is None


async def test_a_spelling_in_a_search_says_what_it_was_taken_for(client: Any) -> None:
    body = body_of(await client.get(PATH, params={"q": "SHFE.rb.HOT"}))

    assert body["items"][0]["symbol"] == "rb-MAIN.SHFE"
    assert body["taken_for"]["symbol"] == "rb-MAIN.SHFE"


async def test_the_demonstration_data_is_there_from_the_start(client: Any) -> None:
    body = body_of(await client.get(PATH, params={"has_data": True, "limit": 100}))

    held = {item["symbol"]: item["timeframes"] for item in body["items"]}
    assert held["SPY.ARCA"] == ["1h", "1d"]
    assert len(held) >= 10


async def test_the_terms_of_a_future_are_those_of_the_rule_book(client: Any) -> None:
    body = await read(client, "SHFE.rb2405")

    assert body["symbol"] == "rb2405.SHFE"
    assert body["taken_for"]["note"] == "SHFE.rb2405 taken for the contract rb2405.SHFE"
    assert (body["tick_size"], body["lot"], body["multiplier"]) == (1, 1, 10)
    assert body["margin"]["long"] == 0.07
    assert body["price_limit"]["base"] == "settlement"
    assert body["commission"]["fee"]["open"] == {"money": 0.0001, "unit": 0}
    assert body["expiry"]["last_trading_day"] == "2024-05-15"
    assert body["expiry"]["method"] == "physical"
    assert body["rules"]["version"] == rule_book().version
    assert {"grid", "fee", "margin"} <= {rule["topic"] for rule in body["rules"]["entries"]}


async def test_sessions_are_told_in_utc_and_by_the_venues_clock(client: Any) -> None:
    hours = (await read(client, "rb2405.SHFE"))["hours"]

    first = hours["sessions"][0]
    assert (first["local_open"], first["local_close"]) == ("21:00", "23:00")
    assert first["open"] == "2024-02-29T13:00:00Z"
    assert hours["trading_day"] == "2024-03-01"
    assert hours["is_known"]


async def test_the_terms_of_a_share_have_taxes_and_t_plus_one(client: Any) -> None:
    body = await read(client, "贵州茅台")

    assert body["symbol"] == "600519.SSE"
    assert body["turnaround"]["sell_after"] == 1
    assert body["commission"]["tax"] == {"buy": 0, "sell": 0.0005}
    assert body["price_limit"]["ratio"] == 0.1
    assert body["can_short"] is False
    assert [one["timeframe"] for one in body["data"]] == ["1d"]


async def test_the_terms_of_a_swap_have_tiers(client: Any) -> None:
    body = await read(client, "BTC-USDT-PERP.BINANCE")

    assert body["margin"] is None
    assert body["commission"]["maker_taker"][0]["tier"] == 0
    assert body["maintenance"][0]["notional"] == 0


@pytest.mark.parametrize("symbol", ["EURUSD.FX", "000300.INDEX", "ESZ4.CME", "IO2406-C-3500.CFFEX"])
async def test_what_the_rule_book_does_not_know_says_so(client: Any, symbol: str) -> None:
    body = await read(client, symbol)

    assert body["rules"]["standing"] == "assumed"
    assert body["tick_size"] > 0


async def test_what_nobody_can_read_is_told_with_a_code(client: Any) -> None:
    answer = await client.get(f"{PATH}/nonsense-99")

    assert answer.status_code == 404
    assert body_of(answer)["code"] == "market.unknown_symbol"


@pytest.mark.parametrize("day", ["1889-01-01", "2101-01-01", "2024-02-30", "tomorrow"])
async def test_a_day_out_of_reach_is_refused(client: Any, day: str) -> None:
    answer = await client.get(f"{PATH}/rb2405.SHFE", params={"on": day})

    assert answer.status_code == 422
