"""What keeps a sandbox from running anything; what a job does inside is an outcome instead."""

from quantloom.errors import Conflict, Forbidden, Invalid, Unavailable


class BadLimit(Invalid):
    """A limit that lets nothing happen, or that is no number."""

    code = "sandbox.bad_limit"

    def __init__(self, field: str, value: object) -> None:
        super().__init__(field, value)
        self.field, self.value = field, value

    def __str__(self) -> str:
        return f"{self.field} is {self.value!r}; it must be a number above zero"


class NotPreloaded(Invalid):
    """A function whose module the sandbox has not loaded before it was locked."""

    code = "sandbox.not_preloaded"

    def __init__(self, function: str, preload: tuple[str, ...]) -> None:
        super().__init__(function, preload)
        self.function, self.preload = function, preload

    def __str__(self) -> str:
        return (
            f"{self.function} cannot be run; name it as package.module:function, and its module in "
            f"preload, which holds {', '.join(self.preload) or 'nothing'}"
        )


class NoWalls(Forbidden):
    """A kernel with neither seccomp nor Landlock: nothing would hold user code."""

    code = "sandbox.no_walls"

    def __init__(self, machine: str) -> None:
        super().__init__(machine)
        self.machine = machine

    def __str__(self) -> str:
        return (
            f"neither seccomp nor Landlock can be used here ({self.machine}), so user code is not "
            "run; use a kernel or container that allows them, or turn the sandbox off on a "
            "machine that is yours alone: walls='off', QUANTLOOM_SANDBOX=off"
        )


class PreloadFailed(Unavailable):
    """The process that children are forked from did not come up."""

    code = "sandbox.preload_failed"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the sandbox does not start: {self.problem}; look at the modules in preload"


class LockdownFailed(Unavailable):
    """A wall that held when the sandbox began could not be raised for a child."""

    code = "sandbox.lockdown_failed"

    def __init__(self, step: str, problem: str) -> None:
        super().__init__(step, problem)
        self.step, self.problem = step, problem

    def __str__(self) -> str:
        return f"nothing was run: {self.step} failed with {self.problem}; try again"


class ZygoteLost(Unavailable):
    """The process that children are forked from died, and its children with it."""

    code = "sandbox.zygote_lost"

    def __init__(self, function: str) -> None:
        super().__init__(function)
        self.function = function

    def __str__(self) -> str:
        return f"{self.function} was cut off: the sandbox died; the next run starts it again"


class SandboxClosed(Conflict):
    """A sandbox that was closed was asked to run something."""

    code = "sandbox.closed"

    def __init__(self, function: str) -> None:
        super().__init__(function)
        self.function = function

    def __str__(self) -> str:
        return f"{self.function} was not run: the sandbox is closed; use it inside its `with`"
