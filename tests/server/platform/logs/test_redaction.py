"""No secret reaches a log, whatever carries it there."""

from typing import Any

import pytest

from quantloom_server.platform.logs.redaction import HIDDEN, redact, redact_text

CANARY = "Zx9-canary_51f0"


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "new_password",
        "trading_password",
        "secret",
        "client_secret",
        "access_token",
        "refresh_token",
        "Authorization",
        "cookie",
        "set-cookie",
        "totp",
        "api_key",
        "apiKey",
        "broker_id",
        "csrf",
    ],
)
def test_a_field_with_a_telling_name_is_hidden_at_any_depth(key: str) -> None:
    shown = redact({key: CANARY, "body": {"list": [{key: [CANARY]}]}})

    assert CANARY not in str(shown)
    assert shown[key] == HIDDEN


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {CANARY}",
        f"postgresql://app:{CANARY}@db/quantloom failed",
        f"unix://:{CANARY}@/run/valkey.sock?db=0",
        f"token={CANARY}&x=1",
        f'{{"password": "{CANARY}"}}',
        f"{{'refresh_token': '{CANARY}'}}",
        f"ql_live_{CANARY.replace('-', '_')}",
        *(f"a link with ql{kind}_{CANARY}" for kind in "rpe"),
        f"eyJhbGciOiJIUzI1NiJ9.{CANARY.replace('-', '_')}.{CANARY.replace('-', '_')}",
    ],
)
def test_a_secret_inside_a_text_is_hidden(text: str) -> None:
    shown = redact_text(f"it said {text} and went on")

    assert CANARY not in shown
    assert "canary" not in shown
    assert shown.startswith("it said")


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/api/v1/auth/me", "status": 200, "took_ms": 1.5, "is_open": True, "none": None},
        {"token_type": "Bearer", "code": "auth.unauthenticated", "session_id": "0192"},
        {"url": "https://quant.example.com/docs", "text": "中文 as it is"},
    ],
)
def test_what_is_no_secret_stays(fields: dict[str, Any]) -> None:
    assert redact(fields) == fields
