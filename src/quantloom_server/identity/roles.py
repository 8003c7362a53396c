"""The roles that come with the platform, and what each may do."""

from quantloom_server.platform.permissions import Permission

ADMIN, TRADER, RESEARCHER, RISK, VIEWER = "admin", "trader", "researcher", "risk", "viewer"
# Who registers owns a workspace and researches in it; trading live is granted, never taken.
NEWCOMER = RESEARCHER

_EVERYBODY = frozenset({Permission.PROFILE, Permission.MARKET_READ, Permission.JOBS_READ})
_MAKERS = _EVERYBODY | {Permission.JOBS_WRITE, Permission.SCHEDULES_READ, Permission.KEYS}

SHIPPED: dict[str, frozenset[Permission]] = {
    ADMIN: frozenset(Permission),
    TRADER: _MAKERS | {Permission.SCHEDULES_WRITE, Permission.APPROVALS_READ},
    RESEARCHER: _MAKERS | {Permission.SCHEDULES_WRITE},
    RISK: _EVERYBODY
    | {Permission.APPROVALS_READ, Permission.APPROVALS_DECIDE, Permission.AUDIT_READ},
    VIEWER: _EVERYBODY,
}
