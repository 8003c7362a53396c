"""Settings that production refuses: each is a door that was left open for a laptop's sake."""

from collections.abc import Callable
from urllib.parse import urlsplit

from quantloom_server.platform.errors import UnsafeSettings
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.settings import MailSecurity, Settings

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def refuse_unsafe(settings: Settings) -> None:
    """Refuse to go on with settings that are not fit for where the service runs.

    Raises:
        WeakSecret: the secret key or the encryption key, wherever it is used, can be guessed.
        UnsafeSettings: this is production, and something is not fit for it.
    """
    if settings.secret_key is not None:
        KeyRing.of(settings)
    if settings.encryption_key is not None:
        KeyRing.at_rest(settings)
    if not settings.is_production:
        return
    if problems := tuple(told for told, is_open in _DOORS if is_open(settings)):
        raise UnsafeSettings(problems)


def _public_is_plain(settings: Settings) -> bool:
    parts = urlsplit(settings.public_url)
    return parts.scheme != "https" and parts.hostname not in _HERE


def _owner_serves(settings: Settings) -> bool:
    owner, app = settings.database_owner_url, settings.database_url
    return owner is not None and app is not None and owner == app


def _has_plain_origin(settings: Settings) -> bool:
    parts = [urlsplit(origin) for origin in settings.cors_origins]
    return any(part.scheme != "https" and part.hostname not in _HERE for part in parts)


def _mail_is_plain(settings: Settings) -> bool:
    is_away = settings.smtp_host is not None and settings.smtp_host not in _HERE
    return is_away and settings.smtp_security is MailSecurity.NONE


def _nobody_registers(settings: Settings) -> bool:
    return settings.verify_email and settings.smtp_host is None


_DOORS: tuple[tuple[str, Callable[[Settings], bool]], ...] = (
    ("QUANTLOOM_SECRET_KEY is not set", lambda settings: settings.secret_key is None),
    ("QUANTLOOM_DATABASE_URL is not set", lambda settings: settings.database_url is None),
    ("QUANTLOOM_REDIS_URL is not set", lambda settings: settings.redis_url is None),
    ("QUANTLOOM_DEBUG is on", lambda settings: settings.debug),
    ("QUANTLOOM_DATABASE_URL is that of the owner", _owner_serves),
    ("QUANTLOOM_PUBLIC_URL is not https", _public_is_plain),
    ("QUANTLOOM_CORS_ORIGINS has `*`", lambda settings: "*" in settings.cors_origins),
    ("QUANTLOOM_CORS_ORIGINS has a site without https", _has_plain_origin),
    ("QUANTLOOM_SMTP_SECURITY is none, and the mail server is elsewhere", _mail_is_plain),
    ("QUANTLOOM_VERIFY_EMAIL is on, and QUANTLOOM_SMTP_HOST is not set", _nobody_registers),
)
