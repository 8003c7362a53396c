"""Mails: sent by SMTP, or kept as files where a developer has no mail server."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import aiosmtplib

from quantloom.errors import Unavailable
from quantloom_server.platform.errors import NotConfigured
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Handler, Message
from quantloom_server.settings import MailSecurity, Settings

TOPIC = "mail.send"
"""Messages of the outbox that are mails: `to`, `subject`, `text`."""

_TIMEOUT_S = 20


class MailNotSent(Unavailable):
    """The mail server refuses a mail, or does not answer."""

    code = "mail.not_sent"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the mail was not sent ({self.reason}); it is tried again"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of plain text to one person."""

    to: str
    subject: str
    text: str

    def payload(self) -> dict[str, str]:
        """The mail as a message of the outbox, where it lies readable until it is sent."""
        return {"to": self.to, "subject": self.subject, "text": self.text}


class Mailer(Protocol):
    """Sends mails."""

    async def send(self, mail: Mail, message_id: UUID) -> None:
        """Send a mail; the id is the same when it is sent again, so that readers see one.

        Raises:
            MailNotSent: it may be tried again.
        """
        ...


class SmtpMailer:
    """Sends by the mail server that settings name."""

    def __init__(self, host: str, settings: Settings) -> None:
        self._host = host
        self._settings = settings

    async def send(self, mail: Mail, message_id: UUID) -> None:
        settings = self._settings
        password = settings.smtp_password
        try:
            await aiosmtplib.send(
                _written(mail, message_id, settings.mail_from),
                hostname=self._host,
                port=settings.smtp_port,
                username=settings.smtp_user,
                password=password.get_secret_value() if password else None,
                use_tls=settings.smtp_security is MailSecurity.TLS,
                start_tls=settings.smtp_security is MailSecurity.STARTTLS,
                timeout=_TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # The server's words may repeat the mail, and with it what only its reader may know.
            raise MailNotSent(type(error).__name__) from None


class FolderMailer:
    """Writes mails as files that the service's own account can read."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail, message_id: UUID) -> None:
        await asyncio.to_thread(self._keep, mail, message_id)

    def _keep(self, mail: Mail, message_id: UUID) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{message_id}.eml"
        path.touch(mode=0o600)
        path.write_bytes(bytes(_written(mail, message_id, self._sender)))


def make_mailer(settings: Settings) -> Mailer:
    """The mailer that settings describe.

    Raises:
        NotConfigured: production has no mail server.
    """
    if settings.smtp_host:
        return SmtpMailer(settings.smtp_host, settings)
    if settings.is_production:
        raise NotConfigured("QUANTLOOM_SMTP_HOST")
    return FolderMailer(settings.data_dir.expanduser() / "mail", settings.mail_from)


def mail_sender(parts: Parts) -> Handler:
    """What delivers the outbox's mails."""

    async def send(message: Message) -> None:
        # Made here, so that a process starts, and does the rest, where mail is not set up.
        await make_mailer(parts.settings).send(_mail_of(message.payload), message.id)

    return send


def _mail_of(payload: Mapping[str, Any]) -> Mail:
    return Mail(str(payload["to"]), str(payload["subject"]), str(payload["text"]))


def _written(mail: Mail, message_id: UUID, sender: str) -> EmailMessage:
    written = EmailMessage()
    written["From"] = sender
    written["To"] = mail.to
    written["Subject"] = mail.subject
    written["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2] or 'quantloom'}>"
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(mail.text)
    return written
