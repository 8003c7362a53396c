"""Recovery codes: ten that each count once, for those who have lost their authenticator."""

import secrets

COUNT = 10
# Without letters and digits that look alike; 16 of 32 are 80 bits.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH, _GROUP = 16, 4
PURPOSE = "recovery-code"


def new_codes() -> list[str]:
    return [_new_code() for _ in range(COUNT)]


def plain(code: str) -> bytes | None:
    """A code as it is stored, however it was typed; None where it cannot be one."""
    letters = code.replace("-", "").replace(" ", "").upper()
    is_one = len(letters) == _LENGTH and all(letter in _ALPHABET for letter in letters)
    return letters.encode() if is_one else None


def _new_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP))
