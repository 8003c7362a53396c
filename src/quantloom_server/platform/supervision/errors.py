"""What keeps a whole platform from starting."""

from quantloom.errors import Unavailable


class StartFailed(Unavailable):
    """A part without which nothing else can start."""

    code = "up.start_failed"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return f"{self.name} {self.problem}; its lines above say why"


class NoAnswer(Unavailable):
    """A server that runs elsewhere and is not there, or does not let us in."""

    code = "up.no_answer"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return (
            f"{self.name} does not let us in ({self.problem}); "
            "check its address and password in the settings, and that it runs"
        )
