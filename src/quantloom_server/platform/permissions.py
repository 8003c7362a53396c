"""What may be permitted. Each route names one; roles hold sets of them."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a role may allow. Names are stored in roles, so they never change meaning."""

    PROFILE = "profile"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    ROLES_READ = "roles:read"
    ROLES_WRITE = "roles:write"
    KEYS = "keys"
    WORKSPACES_READ = "workspaces:read"
    WORKSPACES_WRITE = "workspaces:write"
    MEMBERS_WRITE = "members:write"
    APPROVALS_READ = "approvals:read"
    APPROVALS_DECIDE = "approvals:decide"
    AUDIT_READ = "audit:read"
    SYSTEM_READ = "system:read"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    SCHEDULES_READ = "schedules:read"
    SCHEDULES_WRITE = "schedules:write"
    MARKET_READ = "market:read"
    STRATEGIES_READ = "strategies:read"
    STRATEGIES_WRITE = "strategies:write"
    STRATEGIES_PUBLISH = "strategies:publish"
