"""How much of the service's room a role may take for strategies."""

from dataclasses import dataclass

from quantloom_server.identity.roles import ADMIN, RESEARCHER, TRADER

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Quota:
    """What a role may keep in a workspace."""

    strategies: int
    code_mb: int

    @property
    def code_bytes(self) -> int:
        return self.code_mb * _MB


_BY_ROLE = {
    ADMIN: Quota(strategies=1_000, code_mb=200),
    TRADER: Quota(strategies=500, code_mb=100),
    RESEARCHER: Quota(strategies=500, code_mb=100),
}
_OTHERS = Quota(strategies=100, code_mb=20)
MOST_VERSIONS = 1_000


def quota_of(role: str) -> Quota:
    """What a role may keep; a role of somebody's own making has the smallest."""
    return _BY_ROLE.get(role, _OTHERS)
