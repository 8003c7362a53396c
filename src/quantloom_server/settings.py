"""Everything that operators can set, read once at an entry point and then handed on.

Names are `QUANTLOOM_*`, from the environment or from `.env`; some well-known names of other systems
are read too. Secrets have no defaults: in development `quantloom up` makes its own.
"""

import os
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from quantloom.errors import Invalid

PREFIX = "QUANTLOOM_"


class Environment(StrEnum):
    """Where the service runs; production refuses what is only good enough for a laptop."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class MailSecurity(StrEnum):
    """How the way to the mail server is kept from others."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


def default_data_dir(uid: int) -> Path:
    """Where a user's data lives; root's own folder is shut to the account of the servers."""
    if uid == 0:
        return Path("/var/lib/quantloom")
    return Path("~/.local/share/quantloom-server").expanduser()


class LogFormat(StrEnum):
    """How lines look on the console; files are always JSON."""

    AUTO = "auto"
    JSON = "json"
    READABLE = "readable"


class FourEyes(StrEnum):
    """When giving somebody more power waits for a second person."""

    ALWAYS = "always"
    WHEN_POSSIBLE = "when_possible"


def _also(name: str, *others: str) -> AliasChoices:
    return AliasChoices(f"{PREFIX}{name.upper()}", *others)


def _address(*schemes: str, form: str) -> AfterValidator:
    """Refuse what is no address of such a server, and show none of it: it may hold a password."""

    def check(given: SecretStr) -> SecretStr:
        problem = ValueError(f"is not an address like {form}")
        try:
            parts = urlsplit(given.get_secret_value())
            _ = parts.port
        except ValueError:
            raise problem from None
        if parts.scheme.partition("+")[0] not in schemes:
            raise problem
        return given

    return AfterValidator(check)


PostgresUrl = Annotated[
    SecretStr,
    _address("postgresql", "postgres", form="postgresql://user:password@host:5432/name"),
]
RedisUrl = Annotated[
    SecretStr,
    _address("redis", "rediss", "unix", form="redis://:password@host:6379/0"),
]


class Settings(BaseSettings):
    """The settings of one process; never changed after they are read."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    environment: Environment = Field(
        Environment.DEVELOPMENT, description="development, or production with its refusals."
    )
    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=lambda: default_data_dir(os.geteuid()),
        # Not QUANTLOOM_DATA_DIR, which is the catalog of bars, and may be a bucket.
        validation_alias=_also("service_dir"),
        description="Where the embedded servers, logs, uploads and generated keys live: "
        "~/.local/share/quantloom-server, or /var/lib/quantloom for root.",
    )
    catalog: str | None = Field(
        None,
        validation_alias=_also("data_dir"),
        description="The catalog of bars: a folder, or s3://bucket/prefix; without one, "
        "`historical` in the folder of the service.",
    )
    demo_data: bool = Field(
        default=True,
        description="Whether the packaged demonstration data stands behind the catalog.",
    )
    database_url: PostgresUrl | None = Field(
        None,
        validation_alias=_also("database_url", "DATABASE_URL"),
        description="PostgreSQL for the processes; without one, `quantloom up` starts its own.",
    )
    database_owner_url: PostgresUrl | None = Field(
        None, description="PostgreSQL as the owner of the tables, for migrations alone."
    )
    database_connections: int = Field(
        10,
        ge=1,
        le=500,
        description="The most connections in each of a process's two pools; hot reads have four.",
    )
    statement_timeout_s: float = Field(
        15.0, gt=0, description="How long a query may take before PostgreSQL ends it."
    )
    redis_url: RedisUrl | None = Field(
        None,
        validation_alias=_also("redis_url", "REDIS_URL"),
        description="Valkey or Redis; without one, `quantloom up` starts its own.",
    )
    broker_url: SecretStr | None = Field(
        None,
        validation_alias=_also("broker_url", "CELERY_BROKER_URL"),
        description="Where the workers' queues are, as Celery writes it; Valkey if left out.",
    )
    job_lease_s: float = Field(
        10.0,
        ge=1,
        le=300,
        description="A job whose worker was not heard of for so long is given to another.",
    )
    job_keep_days: int = Field(
        30, ge=1, description="How long jobs stay to be looked at after their end."
    )
    worker_processes: int = Field(
        2,
        ge=1,
        le=256,
        description="How many jobs one worker does at a time, in as many processes.",
    )
    worker_grace_s: float = Field(
        5.0,
        ge=0,
        le=3600,
        description="How long a worker that is to end waits for its jobs; then it gives them back.",
    )
    worker_memory_mb: int = Field(
        512,
        ge=64,
        description="A worker's process that holds more than this after a job makes room for a "
        "fresh one.",
    )
    secret_key: SecretStr | None = Field(
        None,
        validation_alias=_also("secret_key", "SECRET_KEY", "JWT_SECRET", "JWT_SECRET_KEY"),
        description="At least 32 bytes; access tokens are signed by keys that come of it.",
    )
    previous_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="Secret keys that were used before, by commas: what they signed still counts.",
    )
    encryption_key: SecretStr | None = Field(
        None,
        description="At least 32 bytes; secrets at rest are sealed by a key that comes of it. "
        "Without one it is the secret key.",
    )
    previous_encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Encryption keys used before, by commas, until `secrets rotate` has run."
    )
    audit_anchor: Path | None = Field(
        None,
        description="Where the head of the audit chain is written every hour, at best a place that "
        "only ever grows; in data_dir without it.",
    )
    access_token_minutes: int = Field(
        15,
        ge=1,
        validation_alias=_also("access_token_minutes", "JWT_EXPIRE_MINUTES"),
        description="How long an access token counts; more than 15 is read as 15.",
    )
    session_days: int = Field(
        30, ge=1, le=365, description="How long a session can be refreshed before a new sign-in."
    )
    registration_open: bool = Field(
        default=True,
        description="Whether anyone may register; administrators always may.",
    )
    verify_email: bool = Field(
        default=False,
        description="Whether who registers must prove the e-mail address by a mail before signing "
        "in.",
    )
    four_eyes: FourEyes = Field(
        FourEyes.WHEN_POSSIBLE,
        description="Whether weighty acts wait for a second person: when_possible lets somebody "
        "act alone where nobody else could decide; always never does.",
    )
    password_threads: int = Field(
        0, ge=0, le=64, description="How many passwords are hashed at once; 0 is one a core."
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (),
        description="Networks, by commas, whose X-Forwarded-For is believed, as 10.0.0.0/8.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        pattern="^https?://[^/?#]+$",
        description="Where people reach the service; links in mails begin with it.",
    )
    smtp_host: str | None = Field(
        None,
        description="The mail server; without one, development keeps mails as files in data_dir.",
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="The mail server's port.")
    smtp_security: MailSecurity = Field(
        MailSecurity.STARTTLS, description="starttls, tls, or none for a server on this machine."
    )
    smtp_user: str | None = Field(None, description="Who signs in at the mail server, if anyone.")
    smtp_password: SecretStr | None = Field(None, description="The password of that user.")
    mail_from: str = Field("quantloom@localhost", description="The sender of the service's mails.")
    host: str = Field("127.0.0.1", description="The address that REST listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that REST listens on.")
    workers: int = Field(1, ge=1, le=64, description="How many processes serve REST.")
    drain_s: float = Field(
        15.0, ge=0, le=20, description="How long requests in flight may take when serving ends."
    )
    hang_s: float = Field(
        30.0,
        ge=1,
        description="A process of `quantloom up` that lives and is silent for so long is started "
        "again.",
    )
    docs: bool | None = Field(
        None, description="Whether /docs is served; unset, it is, except in production."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Other sites, by commas, whose pages may call, as https://app.example.com."
    )
    rate_default: str = Field(
        "1200/minute",
        description="Requests of one user to all routes but those below, with all their API keys; "
        "each key has a limit of its own besides.",
    )
    rate_auth: str = Field(
        "60/minute",
        description="Requests of one address, or of one user, to routes that check a password or "
        "change what proves who somebody is.",
    )
    rate_order: str = Field("600/minute", description="Orders of one user.")
    rate_backtest: str = Field(
        "60/minute", description="Backtests and other work that one user has queued."
    )
    rate_assistant: str = Field("30/minute", description="Questions of one user to the assistant.")
    rate_address: str = Field(
        "3000/minute",
        description="Requests of one address, a /24 or /64, that nobody is known to have sent.",
    )
    concurrent_requests: int = Field(
        64, ge=1, le=10_000, description="Requests of one user that a process answers at once."
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="What a scraper sends as `Authorization: Bearer ...`; without one, /metrics "
        "answers this machine alone.",
    )
    otlp_endpoint: str | None = Field(
        None,
        validation_alias=_also("otlp_endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Where traces are sent by OTLP over HTTP; without one, none are made.",
    )
    otlp_headers: SecretStr | None = Field(
        None,
        validation_alias=_also("otlp_headers", "OTEL_EXPORTER_OTLP_HEADERS"),
        description="What the collector of traces wants in each request: name=value, by commas.",
    )
    trace_ratio: float = Field(
        0.05, ge=0, le=1, description="The share of requests that are traced."
    )
    sentry_dsn: SecretStr | None = Field(
        None,
        validation_alias=_also("sentry_dsn", "SENTRY_DSN"),
        description="Where unexpected errors are reported; without one, they stay in the logs.",
    )
    log_format: LogFormat = Field(
        LogFormat.AUTO,
        description="json, readable, or auto: readable where the console is a terminal.",
    )
    log_to_files: bool = Field(
        default=True, description="Whether logs are also kept in data_dir/logs."
    )
    log_file_mb: int = Field(50, ge=1, le=2048, description="How large a log file may grow.")
    log_files_kept: int = Field(10, ge=1, le=100, description="How many full log files are kept.")
    debug: bool = Field(
        default=False,
        validation_alias=_also("debug", "DEBUG"),
        description="More in the logs.",
    )

    @field_validator(
        "previous_encryption_keys",
        "previous_secret_keys",
        "trusted_proxies",
        "cors_origins",
        mode="before",
    )
    @classmethod
    def _by_commas(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        return tuple(part.strip() for part in given.split(",") if part.strip())

    @property
    def anchor_path(self) -> Path:
        return self.audit_anchor or self.data_dir.expanduser() / "audit" / "anchors.jsonl"

    @property
    def catalog_place(self) -> str:
        """Where the catalog of bars lies."""
        return self.catalog or str(self.data_dir / "historical")

    @property
    def shows_docs(self) -> bool:
        return not self.is_production if self.docs is None else self.docs

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION


class BadSettings(Invalid):
    """Settings that cannot be read; `problems` names each, and shows nothing of what was given."""

    code = "settings.bad"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        told = "; ".join(self.problems)
        return f"{told}; `quantloom config example` shows every setting with what it takes"


def read_settings() -> Settings:
    """Read the settings of this process from the environment and `.env`.

    Raises:
        BadSettings: one of them is not what it should be.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)
        raise BadSettings(tuple(_told(each) for each in wrong)) from None


def _told(wrong: ErrorDetails) -> str:
    place = str(wrong["loc"][0]) if wrong["loc"] else ""
    field = Settings.model_fields.get(place)
    problem = str(wrong.get("ctx", {}).get("error", "")) or f"is refused: {wrong['msg']}"
    return f"{place if field is None else name_of(place, field)} {problem}"


def name_of(field: str, info: FieldInfo) -> str:
    """The environment variable of a setting."""
    alias = info.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{PREFIX}{field.upper()}"
