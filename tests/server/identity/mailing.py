"""A mail server of the tests, and what is read from its mails."""

import re
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, Envelope, Session

from quantloom_server.platform.relay import Relay
from tests.server.identity.support import Person


class Postbox:
    """A mail server that keeps what it is sent."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body()
        assert body is not None
        self.mails.append((str(mail["To"]), str(mail["Subject"]), body.get_content()))
        return "250 OK"

    def to(self, person: Person) -> list[tuple[str, str]]:
        return [(subject, text) for to, subject, text in self.mails if to == person.email]


async def deliver_all(relay: Relay) -> None:
    while await relay.deliver():
        pass


def token_in(text: str) -> str:
    found = re.search(r"#token=(ql[ep]_[\w-]{43})\s", text)
    assert found is not None
    return found.group(1)
