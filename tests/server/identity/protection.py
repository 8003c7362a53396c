"""People with a second factor and a trading password."""

import base64
from datetime import timedelta

import httpx2

from quantloom.kit.clock import ManualClock
from quantloom_server.identity import totp
from tests.server.identity.support import PASSWORD, Person
from tests.server.support import body_of

TRADING = "a word for trading alone"
STEP = timedelta(seconds=30)


class Protected:
    """Somebody with a second factor, and what makes its codes."""

    def __init__(self, person: Person, secret: bytes, codes: list[str], clock: ManualClock) -> None:
        self.person, self.recovery_codes = person, codes
        self.secret, self._clock = secret, clock

    def code(self, *, steps: int = 0) -> str:
        return totp.code_at(self.secret, totp.step_of(self._clock.now()) + steps)

    def next_code(self) -> str:
        """A code that was not used yet."""
        self._clock.advance(STEP)
        return self.code()


def secret_of(answer: httpx2.Response) -> bytes:
    text = body_of(answer)["secret"]
    return base64.b32decode(text + "=" * (-len(text) % 8))


async def protect(ada: Person, clock: ManualClock, *, password: str = PASSWORD) -> Protected:
    secret = secret_of(await ada.post("/totp", password=password))
    code = totp.code_at(secret, totp.step_of(clock.now()))
    confirmed = await ada.post("/totp/confirm", code=code)
    assert confirmed.status_code == 200
    ada.tokens = confirmed.json()
    return Protected(ada, secret, ada.tokens["recovery_codes"], clock)


async def equip(ada: Person, clock: ManualClock) -> Protected:
    """Give somebody all that an unlock asks for."""
    ada_protected = await protect(ada, clock)
    answer = await ada.client.put(
        "/api/v1/auth/trading-password",
        json={
            "password": PASSWORD,
            "code": ada_protected.next_code(),
            "trading_password": TRADING,
        },
        headers=ada.bearer,
    )
    assert answer.status_code == 204
    return ada_protected
