"""What may be wrong with a recipe, or with what it is to work on."""

from difflib import get_close_matches

from quantloom.errors import Conflict, Invalid, NotFound


class BadRecipe(Invalid):
    """A recipe file that cannot be read, or that says something impossible."""

    code = "recipe.bad_recipe"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(where, problem)
        self.where, self.problem = where, problem

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}; docs/reference/recipes.md lists all that may be said"


class UnknownStep(Invalid):
    """A step that there is not."""

    code = "recipe.unknown_step"

    def __init__(self, step: str, known: tuple[str, ...], close: tuple[str, ...] = ()) -> None:
        super().__init__(step, known, close)
        self.step, self.known, self.close = step, known, close

    def __str__(self) -> str:
        guess = f"did you mean {' or '.join(self.close)}? " if self.close else ""
        return f"there is no step {self.step!r}; {guess}there are {', '.join(self.known)}"


class UnknownSetting(Invalid):
    """A setting that a step does not take."""

    code = "recipe.unknown_setting"

    def __init__(
        self, where: str, setting: str, known: tuple[str, ...], close: tuple[str, ...] = ()
    ) -> None:
        super().__init__(where, setting, known, close)
        self.where, self.setting, self.known, self.close = where, setting, known, close

    def __str__(self) -> str:
        guess = f"did you mean {' or '.join(self.close)}? " if self.close else ""
        takes = ", ".join(self.known) or "none"
        return f"{self.where} takes no {self.setting!r}; {guess}it takes {takes}"


class BadSetting(Invalid):
    """A setting of a step with a value that it cannot have."""

    code = "recipe.bad_setting"

    def __init__(self, where: str, setting: str, problem: str) -> None:
        super().__init__(where, setting, problem)
        self.where, self.setting, self.problem = where, setting, problem

    def __str__(self) -> str:
        return f"{self.where}: {self.setting} {self.problem}"


class StepsOutOfOrder(Invalid):
    """A step after one that it must come before, or a second time."""

    code = "recipe.steps_out_of_order"

    def __init__(self, where: str, problem: str, order: tuple[str, ...]) -> None:
        super().__init__(where, problem, order)
        self.where, self.problem, self.order = where, problem, order

    def __str__(self) -> str:
        return f"{self.where} {self.problem}; steps come in this order: {', '.join(self.order)}"


class UnknownColumn(Invalid):
    """A step that reads a column which nothing before it has made."""

    code = "recipe.unknown_column"

    def __init__(
        self, where: str, column: str, known: tuple[str, ...], close: tuple[str, ...] = ()
    ) -> None:
        super().__init__(where, column, known, close)
        self.where, self.column, self.known, self.close = where, column, known, close

    def __str__(self) -> str:
        guess = f"did you mean {' or '.join(self.close)}? " if self.close else ""
        return (
            f"{self.where} reads {self.column!r}, which is no column yet; {guess}"
            f"up to there it has {', '.join(self.known)}"
        )


class ColumnMadeTwice(Invalid):
    """Two steps that make columns of one name, or one named like a column of the bars."""

    code = "recipe.column_made_twice"

    def __init__(self, where: str, column: str) -> None:
        super().__init__(where, column)
        self.where, self.column = where, column

    def __str__(self) -> str:
        return f"{self.where} makes {self.column!r}, which is there already; name it with as = ..."


class DifferentCloses(Invalid):
    """Days of markets that close at different hours, compared as if they closed together."""

    code = "recipe.different_closes"

    def __init__(self, where: str, zones: tuple[str, ...]) -> None:
        super().__init__(where, zones)
        self.where, self.zones = where, zones

    def __str__(self) -> str:
        return (
            f"{self.where} compares days of markets in {', '.join(self.zones)}, which close at "
            "different hours: the first would know of the last; make a recipe for each market, or "
            "use intraday bars"
        )


class NothingToFit(Invalid):
    """A scaler without a single value in the train part."""

    code = "recipe.nothing_to_fit"

    def __init__(self, column: str, symbol: str) -> None:
        super().__init__(column, symbol)
        self.column, self.symbol = column, symbol

    def __str__(self) -> str:
        whom = f" of {self.symbol}" if self.symbol else ""
        return (
            f"the train part has no value of {self.column}{whom} to fit a scaler to; let the train "
            "part be longer, or shorten the periods of its features"
        )


class EmptyPart(Invalid):
    """A part of the split that no row belongs to."""

    code = "recipe.empty_part"

    def __init__(self, part: str, reasons: str) -> None:
        super().__init__(part, reasons)
        self.part, self.reasons = part, reasons

    def __str__(self) -> str:
        return (
            f"no row is left in the {self.part} part ({self.reasons}); move its limits, shorten "
            "periods and label spans, or lower the embargo"
        )


class DataTooPoor(Invalid):
    """Bars of a worse grade than the recipe allows."""

    code = "recipe.data_too_poor"

    def __init__(self, symbol: str, grade: str, least: str) -> None:
        super().__init__(symbol, grade, least)
        self.symbol, self.grade, self.least = symbol, grade, least

    def __str__(self) -> str:
        return (
            f"{self.symbol} has grade {self.grade}, and the recipe takes {self.least} or better; "
            "mend the data, or lower min_grade"
        )


class RecipeChanged(Conflict):
    """A dataset kept under the name and version of another recipe."""

    code = "recipe.changed"

    def __init__(self, name: str, version: int) -> None:
        super().__init__(name, version)
        self.name, self.version = name, version

    def __str__(self) -> str:
        return (
            f"{self.name} version {self.version} is kept as made by another recipe; raise the "
            "version in the file, or replace what is kept with --force"
        )


class PreparedNotFound(NotFound):
    """A dataset that nobody has made and kept."""

    code = "recipe.prepared_not_found"

    def __init__(self, name: str, version: int | None, known: tuple[str, ...]) -> None:
        super().__init__(name, version, known)
        self.name, self.version, self.known = name, version, known

    def __str__(self) -> str:
        which = "" if self.version is None else f" version {self.version}"
        there = f"there are {', '.join(self.known)}" if self.known else "there are none"
        return f"no dataset {self.name}{which} is kept; {there}; `quantloom data recipe run` makes"


class PreparedDamaged(Invalid):
    """A kept dataset whose files do not hold what they held when it was written."""

    code = "recipe.prepared_damaged"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(where, problem)
        self.where, self.problem = where, problem

    def __str__(self) -> str:
        return f"{self.where} is damaged: {self.problem}; run its recipe again"


class NoSuchPart(NotFound):
    """A part, column or symbol that a dataset does not have."""

    code = "recipe.no_such_part"

    def __init__(self, what: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(what, name, known)
        self.what, self.name, self.known = what, name, known

    def __str__(self) -> str:
        return f"the dataset has no {self.what} {self.name!r}; it has {', '.join(self.known)}"


def close_to(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """What somebody may have meant, closest first."""
    spellings = {one.casefold(): one for one in known}
    return tuple(spellings[found] for found in get_close_matches(name.casefold(), spellings, n=2))
