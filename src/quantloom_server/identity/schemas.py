"""Accounts and sessions as they go over the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

_In = ConfigDict(extra="forbid", str_strip_whitespace=False, hide_input_in_errors=True)
_Out = ConfigDict(from_attributes=True)

_EMAIL = r"^[^@\s<>\"\\]{1,64}@[^@\s<>\"\\.]+(\.[^@\s<>\"\\.]+)+$"

Username = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_.\-\u4e00-\u9fff]{3,32}$"),
    Field(description="3 to 32 letters, digits, points, hyphens or underscores.", examples=["ada"]),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=_EMAIL),
    Field(examples=["ada@example.com"]),
]
Password = Annotated[SecretStr, Field(min_length=1, max_length=1024)]
Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=6, max_length=24),
    Field(description="Six digits of the authenticator, or a recovery code.", examples=["123456"]),
]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[\d \-]{5,24}$")]
AvatarUrl = Annotated[str, StringConstraints(max_length=500, pattern=r"^(https://|/)\S+$")]


class RegisterIn(BaseModel):
    """A new account."""

    model_config = _In

    username: Username
    email: Email
    password: Password = Field(description="At least 8 characters.")
    agree_terms: Literal[True] = Field(description="Nobody registers without agreeing.")
    full_name: FullName = ""
    phone: Phone | None = None


class LoginIn(BaseModel):
    """Who signs in."""

    model_config = _In

    username: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = Field(
        min_length=1,
        validation_alias=AliasChoices("username", "email"),
        description="The username or the e-mail address.",
        examples=["ada"],
    )
    password: Password
    code: Code | None = Field(None, description="Where the account has a second factor.")
    use_cookie: bool = Field(
        default=False,
        description="Keep the refresh token in a cookie that scripts cannot read.",
    )


class RefreshIn(BaseModel):
    """The refresh token, where it is not in the cookie."""

    model_config = _In

    refresh_token: SecretStr | None = Field(None, max_length=256)


class TokensOut(BaseModel):
    """What proves who sends the next requests."""

    access_token: str = Field(description="For `Authorization: Bearer ...`.")
    refresh_token: str | None = Field(description="Counts once; null where it is in the cookie.")
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  a word of OAuth 2
    expires_in: int = Field(description="Seconds until the access token ends.", examples=[900])


class ProfileIn(BaseModel):
    """What users say of themselves."""

    model_config = _In

    full_name: FullName = ""
    avatar_url: AvatarUrl | None = None
    phone: Phone | None = None


class ProfileOut(BaseModel):
    """A user, and what they are in the workspace that the request is for."""

    model_config = _Out

    id: UUID
    username: str
    email: str
    full_name: str
    avatar_url: str | None
    phone: str | None
    is_active: bool
    created_at: datetime
    workspace_id: UUID
    role: str | None = Field(examples=["trader"])
    permissions: list[str] = Field(examples=[["market:read", "profile"]])


class RegisteredOut(BaseModel):
    """The account that was made."""

    id: UUID
    username: str
    email: str


class SessionOut(BaseModel):
    """One sign-in that counts."""

    model_config = _Out

    id: UUID
    address: str | None
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    is_current: bool = False


class SessionsOut(BaseModel):
    """The caller's sessions, the newest first."""

    items: list[SessionOut]
