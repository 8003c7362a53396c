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
