"""Roles: which come with the platform, what they permit where, and which of it weighs most."""

from collections.abc import Iterable
from functools import lru_cache

from quantloom_server.platform.permissions import Permission

ADMIN, TRADER, RESEARCHER, RISK, VIEWER = "admin", "trader", "researcher", "risk", "viewer"
# Who registers owns a workspace and researches in it; trading live is granted, never taken.
NEWCOMER = RESEARCHER

Permissions = frozenset[Permission]

OPERATORS = frozenset(
    {
        Permission.USERS_READ,
        Permission.USERS_WRITE,
        Permission.ROLES_WRITE,
        Permission.SYSTEM_READ,
    }
)
"""What concerns everybody; it counts in the operators' workspace alone."""

WEIGHTY = frozenset(
    {
        Permission.USERS_WRITE,
        Permission.ROLES_WRITE,
        Permission.MEMBERS_WRITE,
        Permission.APPROVALS_DECIDE,
    }
)
"""What nobody grants alone: whoever holds it can give more away, or decide about others' acts."""

PERSONAL = frozenset(
    {
        Permission.KEYS,
        Permission.USERS_WRITE,
        Permission.ROLES_WRITE,
        Permission.WORKSPACES_WRITE,
        Permission.MEMBERS_WRITE,
        Permission.APPROVALS_DECIDE,
    }
)
"""What a person does and no program for them; an API key never has it."""

_EVERYBODY = frozenset(
    {
        Permission.PROFILE,
        Permission.WORKSPACES_READ,
        Permission.ROLES_READ,
        Permission.MARKET_READ,
        Permission.JOBS_READ,
        Permission.STRATEGIES_READ,
    }
)
_MAKERS = _EVERYBODY | {
    Permission.JOBS_WRITE,
    Permission.SCHEDULES_READ,
    Permission.SCHEDULES_WRITE,
    Permission.STRATEGIES_WRITE,
    Permission.STRATEGIES_PUBLISH,
    Permission.KEYS,
}

SHIPPED: dict[str, Permissions] = {
    ADMIN: frozenset(Permission),
    TRADER: _MAKERS | {Permission.APPROVALS_READ},
    RESEARCHER: _MAKERS,
    RISK: _EVERYBODY
    | {Permission.APPROVALS_READ, Permission.APPROVALS_DECIDE, Permission.AUDIT_READ},
    VIEWER: _EVERYBODY,
}


def meant(role: str, stored: Iterable[str] | None) -> Permissions:
    """What a role permits, wherever all of it counts.

    Args:
        role: its name.
        stored: what was stored of it; None for what it comes with. Words that this release does
            not know permit nothing.
    """
    if role == ADMIN or stored is None:
        return SHIPPED.get(role, frozenset())
    return _known(tuple(stored))


def granted(role: str | None, stored: Iterable[str] | None, *, is_operators: bool) -> Permissions:
    """What a member of a workspace in some role may do there."""
    if role is None:
        return frozenset()
    permitted = meant(role, stored)
    return permitted if is_operators else permitted - OPERATORS


def is_raise(before: Permissions, after: Permissions) -> bool:
    """Whether a change gives something weighty that was not there."""
    return bool((after - before) & WEIGHTY)


@lru_cache(maxsize=256)
def _known(words: tuple[str, ...]) -> Permissions:
    named = {permission.value: permission for permission in Permission}
    return frozenset(named[word] for word in words if word in named)
