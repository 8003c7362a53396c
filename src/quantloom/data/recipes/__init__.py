"""Recipes: from bars to a dataset to learn from, named, versioned and the same every time."""

from quantloom.data.recipes.failures import (
    BadRecipe,
    BadSetting,
    ColumnMadeTwice,
    DataTooPoor,
    DifferentCloses,
    EmptyPart,
    NoSuchPart,
    NothingToFit,
    PreparedDamaged,
    PreparedNotFound,
    RecipeChanged,
    StepsOutOfOrder,
    UnknownColumn,
    UnknownSetting,
    UnknownStep,
)
from quantloom.data.recipes.prepared import Dataset, Ingredient
from quantloom.data.recipes.recipe import Recipe
from quantloom.data.recipes.running import Progress, Source, run_recipe
from quantloom.data.recipes.scaling import Scaler
from quantloom.data.recipes.settings import Setting
from quantloom.data.recipes.shelf import Shelf
from quantloom.data.recipes.splitting import PARTS
from quantloom.data.recipes.steps import STAGES, STEPS, Step, StepKind
from quantloom.data.recipes.table import Label

__all__ = [
    "PARTS",
    "STAGES",
    "STEPS",
    "BadRecipe",
    "BadSetting",
    "ColumnMadeTwice",
    "DataTooPoor",
    "Dataset",
    "DifferentCloses",
    "EmptyPart",
    "Ingredient",
    "Label",
    "NoSuchPart",
    "NothingToFit",
    "PreparedDamaged",
    "PreparedNotFound",
    "Progress",
    "Recipe",
    "RecipeChanged",
    "Scaler",
    "Setting",
    "Shelf",
    "Source",
    "Step",
    "StepKind",
    "StepsOutOfOrder",
    "UnknownColumn",
    "UnknownSetting",
    "UnknownStep",
    "run_recipe",
]
