"""What can go wrong in who may do what."""

from quantloom.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchRole(NotFound):
    """A role that is not there."""

    code = "access.no_such_role"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is no role {self.name!r}; GET /api/v1/roles lists them"


class RoleThere(Conflict):
    """A new role by the name of one that is there."""

    code = "access.role_there"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is a role {self.name!r} already; change it by PUT /api/v1/roles/{self.name}"


class RoleFixed(Conflict):
    """`admin` permits everything and stays; the roles that came with the platform are not removed.

    Without them a mistake could shut everybody out.
    """

    code = "access.role_fixed"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"the role {self.name!r} belongs to the platform; make a role of your own instead"


class RoleInUse(Conflict):
    """A role to be removed that somebody is in."""

    code = "access.role_in_use"

    def __init__(self, name: str, members: int) -> None:
        super().__init__(name, members)
        self.name, self.members = name, members

    def __str__(self) -> str:
        return f"{self.members} members are {self.name!r}; give them another role first"


class BeyondOwn(Forbidden):
    """Nobody gives away, takes away or changes what they do not hold themselves."""

    code = "access.beyond_own"

    def __init__(self, permissions: str) -> None:
        super().__init__(permissions)
        self.permissions = permissions

    def __str__(self) -> str:
        return f"this concerns {self.permissions}, which you do not hold; ask somebody who does"


class LastAdmin(Conflict):
    """A workspace would be left without anyone who can administer it."""

    code = "access.last_admin"

    def __str__(self) -> str:
        return "this is the last administrator of a workspace; make somebody else one first"


class AlreadyMember(Conflict):
    """Somebody to be added who is there."""

    code = "access.already_member"

    def __str__(self) -> str:
        return "this user is a member already; change their role instead"


class NoSuchWorkspace(NotFound):
    """A workspace that is not there, not the caller's, or not the one they act in."""

    code = "access.no_such_workspace"

    def __str__(self) -> str:
        return (
            "there is no such workspace among yours, or you act in another one; "
            "GET /api/v1/workspaces lists yours, POST /api/v1/workspaces/{id}/switch changes over"
        )


class NotOneself(Invalid):
    """An operator's act on the own account, which has routes of its own."""

    code = "access.not_oneself"

    def __str__(self) -> str:
        return "this is your own account; use the routes below /api/v1/auth and /api/v1/account"
