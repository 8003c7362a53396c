"""What perpetual swaps are told of as the command line gives it: `--funding`, `--marks`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from quantloom.errors import Invalid


class BadSwapFile(Invalid):
    """Files of several swaps that do not say whose they are."""

    code = "cli.bad_swap_file"

    def __init__(self, option: str, text: str) -> None:
        super().__init__(option, text)
        self.option, self.text = option, text

    def __str__(self) -> str:
        return (
            f"{self.option} {self.text!r} does not say whose it is; write "
            f"{self.option} BTC-USDT-PERP.BINANCE=FILE, once for each swap"
        )


def read_swap_files(option: str, texts: Sequence[str]) -> Path | Mapping[str, Path] | None:
    """Read FILE, of the run's only swap, or SYMBOL=FILE for each; None where none was given.

    Raises:
        BadSwapFile: one of several has no symbol, or a symbol has no file.
    """
    if len(texts) == 1 and "=" not in texts[0]:
        return Path(texts[0])
    found: dict[str, Path] = {}
    for text in texts:
        symbol, _, path = (part.strip() for part in text.partition("="))
        if not (symbol and path):
            raise BadSwapFile(option, text)
        found[symbol] = Path(path)
    return found or None
