"""The process that keeps things going: jobs, schedules, the outbox, the seals of the audit trail.

Several may run; one leads, by a lease, and the others wait for it to fall silent.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from random import Random
from time import monotonic

import structlog

from quantloom_server.audit.sealing import Sealer
from quantloom_server.identity import confirming, ended, resetting
from quantloom_server.identity.forgetting import forget_old
from quantloom_server.platform import mail
from quantloom_server.platform.backoff import backoff_s
from quantloom_server.platform.callers import ClosedDoor
from quantloom_server.platform.database import NOBODY
from quantloom_server.platform.jobs.broker import Broker, make_celery
from quantloom_server.platform.jobs.dispatching import Dispatcher
from quantloom_server.platform.jobs.firing import Firing
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.leases import drop_lease, take_lease
from quantloom_server.platform.opening import open_parts
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Handler, Relay
from quantloom_server.platform.supervision.notify import Notifier, Pulse
from quantloom_server.settings import Settings

LEASE = "beat"
_ANCHOR_S = 3600.0
# A broker that hangs holds the end of this process up no longer.
_BROKER_S = 5.0

HandlerMaker = Callable[[Parts], Handler]

# Who gets the messages of each topic of the outbox.
HANDLERS: Mapping[str, HandlerMaker] = {
    mail.TOPIC: mail.mail_sender,
    resetting.TOPIC: resetting.reset_sender,
    confirming.CHANGE_TOPIC: confirming.change_sender,
    confirming.VERIFICATION_TOPIC: confirming.verification_sender,
}
# Those that cannot wait behind a mail server that does not answer.
PROMPT_HANDLERS: Mapping[str, HandlerMaker] = {ended.TOPIC: ended.announcer}

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What the leader does again and again.

    `do` tells how much it did, for more may be waiting. `settle_s` is how long the database must
    have been there before, so that workers have been heard of.
    """

    name: str
    every_s: float
    do: Callable[[], Awaitable[int]]
    settle_s: float = 0.0


class Beat:
    """Leads, or waits to lead."""

    def __init__(self, parts: Parts, broker: Broker, dice: Random, *, holder: str) -> None:
        self._parts = parts
        self._dice = dice
        self._holder = holder
        self._lease_s = parts.settings.job_lease_s
        self._dispatcher = Dispatcher(parts.database, broker, lost_s=self._lease_s * 0.75)
        self._firing = Firing(parts.database, parts.clock, parts.ids, LEASE)
        self._relay, self._prompt_relay = (
            Relay(parts.database, {topic: make(parts) for topic, make in makers.items()}, dice)
            for makers in (HANDLERS, PROMPT_HANDLERS)
        )
        self._sealer = Sealer(parts.database, KeyRing.of(parts.settings), parts.clock)
        self._token = 0

    async def run(self) -> None:
        """Lead whenever nobody else does, until cancelled."""
        try:
            while True:
                if await self._take_lead():
                    await self._lead()
                await asyncio.sleep(self._lease_s / 4)
        finally:
            with suppress(Exception):
                await drop_lease(self._parts.database, LEASE, self._token)

    async def _take_lead(self) -> bool:
        try:
            token = await take_lease(self._parts.database, LEASE, self._holder, self._lease_s)
        except Exception as error:  # noqa: BLE001  a database that is away is waited for
            log.warning("beat.lease_missed", reason=repr(error))
            return False
        if token is not None:
            self._token = token
        return token is not None

    async def _lead(self) -> None:
        """Do the duties as long as the lease is held."""
        log.info("beat.leading", term=self._token)
        duties = [asyncio.create_task(self._repeat(duty)) for duty in self._duties()]
        try:
            await self._hold_lead()
        finally:
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)
            log.info("beat.followed", term=self._token)

    async def _hold_lead(self) -> None:
        token, held_at = self._token, monotonic()
        while monotonic() - held_at < self._lease_s * 0.75:
            await asyncio.sleep(self._lease_s / 4)
            asked_at = monotonic()
            if await self._take_lead():
                held_at = asked_at
                if self._token != token:
                    return

    def _duties(self) -> tuple[Duty, ...]:
        settings = self._parts.settings
        lease_s = self._lease_s
        return (
            Duty(name="outbox", every_s=0.2, do=self._relay.deliver),
            Duty(name="announce", every_s=0.2, do=self._prompt_relay.deliver),
            Duty(name="seal", every_s=0.5, do=self._sealer.seal),
            Duty(name="anchor", every_s=_ANCHOR_S, do=self._anchor),
            Duty(name="send", every_s=0.2, do=self._dispatcher.send_due),
            Duty(name="send_lost", every_s=lease_s / 5, do=self._dispatcher.send_lost),
            Duty(name="fire", every_s=1.0, do=lambda: self._firing.fire_due(self._token)),
            Duty(
                name="sweep", every_s=lease_s / 5, do=self._dispatcher.sweep, settle_s=lease_s / 2
            ),
            Duty(name="forget", every_s=3600.0, do=lambda: forget_old(self._parts)),
            Duty(
                name="purge",
                every_s=3600.0,
                do=lambda: self._dispatcher.purge(settings.job_keep_days),
            ),
        )

    async def _anchor(self) -> int:
        head = await self._sealer.anchor(self._parts.settings.anchor_path)
        if head is not None:
            # Also in the logs, which are often kept where nobody can rewrite them.
            log.info("audit.anchored", seq=head.seq, hash=head.hash.hex())
        return 0

    async def _repeat(self, duty: Duty) -> None:
        failures, has_settled = 0, False
        while True:
            try:
                if not has_settled:
                    await self._settle(duty)
                done = await duty.do()
            except Exception as error:  # noqa: BLE001  a duty goes on, whatever one round met
                failures += 1
                log.warning("beat.duty_failed", duty=duty.name, reason=repr(error))
                await asyncio.sleep(backoff_s(failures, self._dice, most_s=10.0))
                has_settled = False
                continue
            failures, has_settled = 0, True
            if not done:
                await asyncio.sleep(duty.every_s)

    async def _settle(self, duty: Duty) -> None:
        """After the database was away, let the workers beat first, or all their jobs were taken."""
        if duty.settle_s:
            async with self._parts.database.direct(NOBODY) as connection:
                await connection.execute("SELECT")
            await asyncio.sleep(duty.settle_s)


async def run_beat(settings: Settings) -> None:
    """Keep things going until told to end.

    Raises:
        NotConfigured: there is no address of PostgreSQL, of Valkey or of the broker, or no key.
    """
    async with AsyncExitStack() as stack:
        broker = Broker(make_celery(settings, patience_s=_BROKER_S))
        stack.callback(broker.close)
        parts = await stack.enter_async_context(
            open_parts(settings, keeper=lambda *_: ClosedDoor())
        )
        dice = Random()  # noqa: S311  how long to wait, nothing secret
        beat = Beat(parts, broker, dice, holder=f"{socket.gethostname()}:{os.getpid()}")
        beating = asyncio.ensure_future(beat.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, beating.cancel)
        Notifier.of(os.environ).tell("READY=1")
        pulse = asyncio.ensure_future(Pulse.of(os.environ).beat())
        stack.callback(pulse.cancel)
        with suppress(asyncio.CancelledError):
            await beating
