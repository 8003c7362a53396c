"""Strategies as tests make them."""

from typing import Any

import httpx2

from tests.server.support import body_of

HOME = "/api/v1/strategies"
MARKET = "/api/v1/strategy-market"
SOUND = '''from quantloom import Bar, Context, Parameter, Strategy


class Mine(Strategy):
    """Holds some."""

    size: int = Parameter(2, low=1, high=9)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.target_quantity(bar.symbol, self.size)
'''
BROKEN = SOUND.replace("def on_bar(self, ctx: Context, bar: Bar)", "def on_bar(self, bar: Bar)")


async def add(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(HOME, json={"name": "Mine", "code": SOUND, **fields})
    assert answer.status_code == 201, answer.text
    return body_of(answer)


async def change(client: httpx2.AsyncClient, strategy_id: str, **fields: Any) -> dict[str, Any]:
    answer = await client.put(f"{HOME}/{strategy_id}", json=fields)
    assert answer.status_code == 200, answer.text
    return body_of(answer)


async def read(client: httpx2.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return body_of(answer)


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, body_of(answer)["code"]
