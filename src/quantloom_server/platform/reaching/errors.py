"""What keeps servers that run elsewhere from being used."""

from quantloom.errors import Forbidden, Invalid, NotFound, Unavailable


class NoAnswer(Unavailable):
    """A server that runs elsewhere and does not answer."""

    code = "up.no_answer"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return (
            f"{self.name} does not answer ({self.problem}); check that it runs, its address in the "
            "settings, and what stands between"
        )


class LoginRefused(Forbidden):
    """A server that answers and does not let us in."""

    code = "up.login_refused"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return (
            f"{self.name} does not let us in ({self.problem}); check the user and the password in "
            "the settings, and the server's own rules about who may come from where"
        )


class DatabaseMissing(NotFound):
    """The server is there, and the database that is named is not."""

    code = "up.database_missing"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"PostgreSQL says: {self.problem}; create it there, as by `createdb --owner "
            "quantloom_owner quantloom`, or correct the name at the end of QUANTLOOM_DATABASE_URL"
        )


class TooOld(Invalid):
    """A server of a version that the service is not made for."""

    code = "up.too_old"

    def __init__(self, name: str, present: str, needed: str) -> None:
        super().__init__(name, present, needed)
        self.name, self.present, self.needed = name, present, needed

    def __str__(self) -> str:
        return (
            f"{self.name} is at version {self.present}, and {self.needed} or newer is needed; "
            "upgrade it, or leave its address out to have `quantloom up` start one of its own"
        )


class MayNotSetUp(Forbidden):
    """The owner's login lacks the rights to bring the database to its shape."""

    code = "up.may_not_set_up"

    def __init__(self, login: str, problem: str) -> None:
        super().__init__(login, problem)
        self.login, self.problem = login, problem

    def __str__(self) -> str:
        return (
            f"{self.login} cannot set the database up: {self.problem}; name a login that can in "
            "QUANTLOOM_DATABASE_OWNER_URL, or have the server's administrator prepare it as "
            "docs/how-to/run-the-service.md shows"
        )


class MayNotServe(Forbidden):
    """The processes' login was not given the role that they work as."""

    code = "up.may_not_serve"

    def __init__(self, login: str) -> None:
        super().__init__(login)
        self.login = login

    def __str__(self) -> str:
        return (
            f"{self.login} may not become quantloom_app, which the processes work as; have the "
            f"server's administrator run: GRANT quantloom_app TO {self.login}"
        )
