"""What production refuses to start with."""

from typing import Any

import pytest
from pydantic import SecretStr

from quantloom_server.platform.errors import UnsafeSettings
from quantloom_server.platform.keyring import WeakSecret
from quantloom_server.platform.safety import refuse_unsafe
from quantloom_server.settings import Environment, Settings


def make_settings(**changed: Any) -> Settings:
    fit: dict[str, Any] = {
        "environment": Environment.PRODUCTION,
        "secret_key": SecretStr("k9-Vw2_pQz7Lr4Tn8Xc1Bm6Yd3Hs5Jf0a"),
        "database_url": SecretStr("postgresql://app:x@db/quantloom"),
        "redis_url": SecretStr("redis://cache"),
        "public_url": "https://quant.example.com",
    }
    return Settings(_env_file=None, **{**fit, **changed})


def test_fit_settings_are_taken() -> None:
    refuse_unsafe(make_settings())


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"secret_key": None}, "QUANTLOOM_SECRET_KEY is not set"),
    ({"database_url": None}, "QUANTLOOM_DATABASE_URL is not set"),
    ({"redis_url": None}, "QUANTLOOM_REDIS_URL is not set"),
    ({"debug": True}, "QUANTLOOM_DEBUG is on"),
    (
        {"database_owner_url": SecretStr("postgresql://app:x@db/quantloom")},
        "QUANTLOOM_DATABASE_URL is that of the owner",
    ),
    ({"public_url": "http://quant.example.com"}, "QUANTLOOM_PUBLIC_URL is not https"),
    ({"cors_origins": ("*",)}, "QUANTLOOM_CORS_ORIGINS has `*`"),
    ({"cors_origins": ("http://a.example.com",)}, "QUANTLOOM_CORS_ORIGINS has a site without"),
    ({"smtp_host": "mail.example.com", "smtp_security": "none"}, "QUANTLOOM_SMTP_SECURITY is none"),
]


@pytest.mark.parametrize(("changed", "told"), UNFIT)
def test_a_door_left_open_is_named(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(UnsafeSettings, match=told):
        refuse_unsafe(make_settings(**changed))


@pytest.mark.parametrize(("changed", "told"), UNFIT)
def test_a_laptop_may_leave_it_open(changed: dict[str, Any], told: str) -> None:
    refuse_unsafe(make_settings(**{**changed, "environment": Environment.DEVELOPMENT}))


@pytest.mark.parametrize("environment", Environment)
def test_a_secret_that_can_be_guessed_is_refused_everywhere(environment: Environment) -> None:
    with pytest.raises(WeakSecret):
        refuse_unsafe(make_settings(environment=environment, secret_key=SecretStr("changeme" * 9)))
