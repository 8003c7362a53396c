"""What can go wrong with strategies."""

from uuid import UUID

from quantloom.errors import Conflict, Invalid, NotFound, Unavailable


class NoSuchStrategy(NotFound):
    """A strategy that is not there, or in another workspace."""

    code = "strategies.not_found"

    def __init__(self, strategy_id: UUID) -> None:
        super().__init__(strategy_id)
        self.strategy_id = strategy_id

    def __str__(self) -> str:
        return f"there is no strategy {self.strategy_id}; GET /api/v1/strategies lists those here"


class NoSuchVersion(NotFound):
    """A version that the strategy does not have."""

    code = "strategies.no_such_version"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        return f"there is no version {self.number}; GET .../versions lists those there are"


class NoSuchTemplate(NotFound):
    """A template that no installed package offers."""

    code = "strategies.no_such_template"

    def __init__(self, template: str) -> None:
        super().__init__(template)
        self.template = template

    def __str__(self) -> str:
        return f"there is no template {self.template}; GET /api/v1/strategies/templates lists them"


class TemplateBroken(Unavailable):
    """A template whose package cannot be read."""

    code = "strategies.template_broken"

    def __init__(self, template: str, problem: str) -> None:
        super().__init__(template, problem)
        self.template, self.problem = template, problem

    def __str__(self) -> str:
        return f"the template {self.template} cannot be read ({self.problem}); mend its package"


class NameTaken(Conflict):
    """Two strategies of one name in a workspace."""

    code = "strategies.name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is a strategy {self.name} here already; choose another name"


class TooManyStrategies(Conflict):
    """More strategies than the caller's role may keep."""

    code = "strategies.too_many"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return f"your role keeps {self.most} strategies here; delete one first"


class OutOfSpace(Conflict):
    """More code, in all versions together, than the caller's role may keep."""

    code = "strategies.out_of_space"

    def __init__(self, most_mb: int) -> None:
        super().__init__(most_mb)
        self.most_mb = most_mb

    def __str__(self) -> str:
        return f"your role keeps {self.most_mb} MB of code here, versions included; delete some"


class TooManyVersions(Conflict):
    """A strategy with more versions than anybody keeps in sight."""

    code = "strategies.too_many_versions"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return f"this strategy has {self.most} versions; copy it, and go on with the copy"


class CodeOrTemplate(Invalid):
    """A strategy that is to begin with two things at once."""

    code = "strategies.code_or_template"

    def __str__(self) -> str:
        return "send `code` or the name of a `template`, not both"


class BadBundle(Invalid):
    """A file that is no exported strategy, or was changed since."""

    code = "strategies.bad_bundle"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"this is no whole export of a strategy ({self.problem}); export it anew"
