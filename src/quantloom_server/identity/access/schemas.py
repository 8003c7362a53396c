"""Accounts of others, roles and workspaces on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from quantloom_server.identity.schemas import Email, FullName, Phone, Username
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.schemas import In, Out

RoleName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_\-]{1,39}$"),
    Field(description="The name of a role.", examples=["researcher"]),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    Field(examples=["Metals desk"]),
]
Login = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=254),
    Field(description="A username or an e-mail address.", examples=["ada"]),
]
Waiting = Annotated[
    UUID | None,
    Field(description="The approval that a second person has to give first; null where none is."),
]
Shut = Field(None, description="False shuts the account and ends its sessions; true opens it.")


class UserIn(In):
    """An account to be added."""

    username: Username
    email: Email
    full_name: FullName = ""
    phone: Phone | None = None
    role: RoleName = "researcher"


class UserChangeIn(In):
    """What is to be changed of an account; what is left out stays."""

    full_name: FullName | None = None
    email: Email | None = None
    phone: Phone | None = None
    is_active: bool | None = Shut
    role: RoleName | None = None


class UserOut(Out):
    """An account, and what it is in this workspace."""

    id: UUID
    username: str
    email: str
    full_name: str
    avatar_url: str | None = Field(examples=["https://example.com/ada.png"])
    phone: str | None = Field(examples=["+86 138 0000 0000"])
    is_active: bool
    is_email_verified: bool = Field(description="Whether a mail to the address was answered.")
    must_change_password: bool
    created_at: datetime
    role: str | None = Field(None, examples=["researcher"])
    approval_id: Waiting = None


class UserAddedOut(UserOut):
    """An account that was added, with the password for its first sign-in."""

    one_time_password: str = Field(
        description="Shown this once; it must be changed at the first sign-in.",
        examples=["k7m2q-9xw4t-hd3fb-6rnpz"],
    )


class OneTimePasswordOut(Out):
    """A password for one sign-in."""

    one_time_password: str = Field(examples=["k7m2q-9xw4t-hd3fb-6rnpz"])


class RoleIn(In):
    """What a role is to permit."""

    description: str = Field("", max_length=200, examples=["Looks after the data."])
    permissions: list[Permission] | None = Field(
        None,
        max_length=200,
        description="Null gives one of the platform's roles back what it comes with.",
        examples=[["market:read", "jobs:read"]],
    )


class NewRoleIn(RoleIn):
    """A role to be made."""

    name: RoleName


class RoleOut(Out):
    """A role, and what it permits."""

    name: str = Field(examples=["researcher"])
    description: str = Field(examples=["Research: strategies, backtests, data."])
    permissions: list[Permission] = Field(
        description="What concerns everybody counts in the operators' workspace alone."
    )
    is_shipped: bool = Field(description="Whether it came with the platform.")
    is_changed: bool = Field(description="Whether it permits something else than it came with.")
    updated_at: datetime
    approval_id: Waiting = None


class RolesOut(Out):
    """All roles, and every permission there is."""

    items: list[RoleOut]
    permissions: list[Permission]


class WorkspaceIn(In):
    """What a workspace is called."""

    name: Name


class WorkspaceOut(Out):
    """A workspace that the caller is in."""

    id: UUID
    name: str = Field(examples=["Metals desk"])
    role: str = Field(examples=["admin"])
    since: datetime
    is_operators: bool = Field(description="Whether the platform is administered from it.")
    is_current: bool = False


class WorkspacesOut(Out):
    """The caller's workspaces, the one they have been in for longest first."""

    items: list[WorkspaceOut]


class SwitchedOut(Out):
    """What the next requests carry; the refresh token stays as it is."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  a word of OAuth 2
    expires_in: int = Field(description="Seconds until the access token ends.", examples=[900])
    workspace_id: UUID


class NewMemberIn(In):
    """Somebody with an account, to be taken into the workspace."""

    login: Login
    role: RoleName


class MemberIn(In):
    """What a member is to be."""

    role: RoleName


class MemberOut(Out):
    """Somebody in the workspace."""

    user_id: UUID
    username: str
    full_name: str
    email: str
    is_active: bool
    role: str = Field(examples=["researcher"])
    since: datetime
    approval_id: Waiting = None


class MembersOut(Out):
    """Those in the workspace, by name."""

    items: list[MemberOut]
