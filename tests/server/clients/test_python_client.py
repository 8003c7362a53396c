import asyncio
from datetime import timedelta

import pytest

from quantloom.client import BadAddress, Client, RequestRefused, ServiceUnavailable
from tests.server.clients.conftest import PASSWORD, Served


@pytest.fixture
async def client(served: Served, username: str) -> Client:
    client = Client(served.address)
    await asyncio.to_thread(client.login, username, PASSWORD)
    return client


async def test_who_has_signed_in_reads_their_profile(client: Client, username: str) -> None:
    profile = await asyncio.to_thread(client.get, "/auth/me")

    assert profile["username"] == username


async def test_a_list_is_walked_to_its_end(client: Client) -> None:
    def walk() -> list[str]:
        found = client.each("/market/instruments", venue="SHFE", limit=40)
        return [one["symbol"] for one in found]

    symbols = await asyncio.to_thread(walk)

    assert len(symbols) == len(set(symbols)) > 100
    assert "rb-MAIN.SHFE" in symbols


async def test_an_instrument_is_read_by_any_spelling(client: Client) -> None:
    found = await asyncio.to_thread(client.instrument, "BTC/USDT")

    assert found["symbol"] == "BTC-USDT.BINANCE"


async def test_an_access_token_that_has_ended_is_renewed_unseen(
    client: Client, served: Served, username: str
) -> None:
    served.clock.advance(timedelta(minutes=16))

    profiles = await asyncio.gather(*(asyncio.to_thread(client.get, "/auth/me") for _ in range(4)))

    assert [one["username"] for one in profiles] == [username] * 4


async def test_a_refusal_keeps_the_code_and_what_to_do(client: Client) -> None:
    with pytest.raises(RequestRefused) as caught:
        await asyncio.to_thread(client.get, "/market/instruments", limit=0)

    assert caught.value.status == 422
    assert caught.value.problem_code == "request.invalid"
    assert caught.value.fields[0]["field"] == "query.limit"


async def test_who_has_signed_out_is_not_known_any_more(client: Client) -> None:
    await asyncio.to_thread(client.logout)

    with pytest.raises(RequestRefused) as caught:
        await asyncio.to_thread(client.get, "/auth/me")
    assert caught.value.problem_code == "auth.unauthenticated"


async def test_errors_are_told_in_chinese_where_asked(served: Served) -> None:
    client = Client(served.address, language="zh")

    with pytest.raises(RequestRefused, match="请先登录"):
        await asyncio.to_thread(client.get, "/auth/me")


def test_where_nobody_listens_the_service_is_called_unavailable() -> None:
    with pytest.raises(ServiceUnavailable, match="127"):
        Client("http://127.0.0.1:9", timeout_s=2).get("/auth/me")


@pytest.mark.parametrize("address", ["", "example.com", "file:///etc/passwd", "ftp://h"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(BadAddress):
        Client(address)
