import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from quantloom_server.platform.errors import NotConfigured
from quantloom_server.platform.mail import FolderMailer, Mail, MailNotSent, SmtpMailer, make_mailer
from quantloom_server.settings import Environment, MailSecurity, Settings
from tests.server.support import IDS

MAIL = Mail("ada@example.com", "Quantloom: 设置新密码", "Read this.\n")


class Postbox:
    """A mail server that keeps what it is sent, or refuses all of it."""

    def __init__(self, answer: str = "250 OK") -> None:
        self.contents: list[bytes] = []
        self._answer = answer

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.contents.append(envelope.content)
        return self._answer


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
async def port(postbox: Postbox) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postbox), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


def make_settings(port: int = 25, **changes: object) -> Settings:
    base = Settings(_env_file=None, mail_from="Quantloom <no-reply@example.org>")
    given = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": MailSecurity.NONE}
    return base.model_copy(update=given | changes)


async def test_a_mail_reaches_its_server_as_it_was_written(port: int, postbox: Postbox) -> None:
    message_id = IDS.new()

    await make_mailer(make_settings(port)).send(MAIL, message_id)

    sent = message_from_bytes(postbox.contents[0], policy=policy.default)
    body = sent.get_body()
    assert (sent["To"], sent["Subject"]) == (MAIL.to, MAIL.subject)
    assert sent["From"] == "Quantloom <no-reply@example.org>"
    assert sent["Message-ID"] == f"<{message_id}@example.org>"
    assert body is not None
    assert body.get_content().splitlines() == ["Read this."]


async def test_a_mail_is_not_sent_in_the_open_where_it_must_not_be(
    port: int, postbox: Postbox
) -> None:
    guarded = make_settings(port, smtp_security=MailSecurity.STARTTLS)

    with pytest.raises(MailNotSent):
        await make_mailer(guarded).send(MAIL, IDS.new())
    assert postbox.contents == []


async def test_a_server_that_does_not_know_us_is_told_of(port: int) -> None:
    settings = make_settings(port, smtp_user="us", smtp_password=SecretStr("hunter2"))

    with pytest.raises(MailNotSent) as refused:
        await make_mailer(settings).send(MAIL, IDS.new())
    assert "hunter2" not in str(refused.value)


async def test_a_server_that_is_away_is_tried_again() -> None:
    with pytest.raises(MailNotSent, match="tried again"):
        await make_mailer(make_settings(1)).send(MAIL, IDS.new())


@pytest.mark.parametrize("field", ["to", "subject"])
async def test_nobody_writes_headers_of_their_own(port: int, postbox: Postbox, field: str) -> None:
    given = {"to": MAIL.to, "subject": MAIL.subject, "text": MAIL.text}
    given[field] += "\r\nBcc: everybody@example.com"

    with pytest.raises(ValueError, match="linefeed"):
        await make_mailer(make_settings(port)).send(Mail(**given), IDS.new())
    assert postbox.contents == []


async def test_without_a_server_mails_are_files_for_their_owner_alone(tmp_path: Path) -> None:
    mailer = make_mailer(make_settings(smtp_host=None, data_dir=tmp_path))
    message_id = IDS.new()

    await mailer.send(MAIL, message_id)

    path = tmp_path / "mail" / f"{message_id}.eml"
    assert isinstance(mailer, FolderMailer)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert b"Read this." in path.read_bytes()


def test_production_sends_mails_or_says_that_it_cannot() -> None:
    production = make_settings(environment=Environment.PRODUCTION)

    assert isinstance(make_mailer(production), SmtpMailer)
    with pytest.raises(NotConfigured, match="QUANTLOOM_SMTP_HOST"):
        make_mailer(production.model_copy(update={"smtp_host": None}))
