"""API keys on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, IPvAnyNetwork, StringConstraints

from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.schemas import In, Out


class KeyIn(In):
    """What a key is to be for."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] = (
        Field(examples=["nightly backtests"])
    )
    scopes: list[Permission] = Field(
        min_length=1,
        max_length=100,
        description="What it may do, of what you may; never what only a person does.",
        examples=[["market:read", "jobs:write"]],
    )
    networks: list[IPvAnyNetwork] = Field(
        [],
        max_length=50,
        description="From where it may be used; from everywhere where none are named.",
        examples=[["203.0.113.0/24"]],
    )
    expires_in_days: int = Field(90, ge=1, le=366)
    requests_per_minute: int = Field(600, ge=1, le=60_000)


class KeyOut(Out):
    """A key, without what it is proven by."""

    id: UUID
    workspace_id: UUID
    name: str = Field(examples=["nightly backtests"])
    hint: str = Field(examples=["ql_live_...x7Qa"])
    scopes: list[str] = Field(examples=[["market:read", "jobs:write"]])
    networks: list[str] = Field(examples=[["203.0.113.0/24"]])
    requests_per_minute: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_address: str | None = Field(examples=["203.0.113.7"])


class KeyMadeOut(KeyOut):
    """A key that was made, with its text."""

    key: str = Field(
        description="For `X-API-Key`; shown this once.",
        examples=["ql_live_" + "0KTnXK2ZyZ1qEbfUAuC1Gs" + "..."],
    )
