"""From what a user types to a symbol that the catalog holds."""

from quantloom.data.layers import Catalogs
from quantloom.market import UnknownSymbol, resolve

_CHAIN = "-MAIN"


def look_up(catalog: Catalogs, text: str, *, more: tuple[str, ...] = ()) -> tuple[str, str]:
    """Find the symbol a user means among those of the catalog.

    The resolver goes first. Where the catalog does not hold what it says, the one symbol of the
    same code on another venue is taken, or the one dominant chain of a futures product.

    Args:
        more: symbols that it holds beside those of its bars.
    Returns:
        The symbol, and in words what the text was taken for; empty where nothing was assumed.
    Raises:
        UnknownSymbol: the text is no symbol, and the catalog holds nothing like it.
    """
    held = tuple(dict.fromkeys((*catalog.symbols(), *more)))
    if text in held:
        return text, ""
    try:
        found = resolve(text)
    except UnknownSymbol:
        alike = _alike(held, text)
        if len(alike) != 1:
            raise
        return alike[0], _taken(text, alike[0])
    alike = _alike(held, found.code)
    if found.symbol in held or len(alike) != 1:
        return found.symbol, found.note
    return alike[0], _taken(text, alike[0])


def _alike(held: tuple[str, ...], code: str) -> list[str]:
    codes = {code.upper(), f"{code}{_CHAIN}".upper()}
    return [symbol for symbol in held if symbol.rpartition(".")[0].upper() in codes]


def _taken(text: str, symbol: str) -> str:
    return f"{text} taken for {symbol}, the only one of that code in the catalog"
