"""Which of the two languages a request prefers."""

from functools import lru_cache


@lru_cache(maxsize=256)
def prefers_chinese(header: str) -> bool:
    """Read `Accept-Language`; English where it asks for neither, or for both alike."""
    chinese, other = 0.0, 0.0
    for part in header[:512].lower().split(","):
        language, _, weight = part.strip().partition(";")
        share = _share(weight)
        if language.startswith("zh"):
            chinese = max(chinese, share)
        elif language.startswith(("en", "*")):
            other = max(other, share)
    return chinese > other or (chinese == other > 0 and header.lower().startswith("zh"))


def _share(weight: str) -> float:
    if not weight:
        return 1.0
    try:
        return float(weight.strip().removeprefix("q="))
    except ValueError:
        return 0.0
