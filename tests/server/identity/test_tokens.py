"""Access tokens are read strictly (SEC2)."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from quantloom_server.identity import tokens
from quantloom_server.identity.errors import BadToken, TokenExpired
from quantloom_server.identity.tokens import Claims
from quantloom_server.platform.keyring import KeyRing, WeakSecret
from tests.server.support import IDS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OLD, NEW = b"the first secret of at least 32 bytes", b"the next secret, of as many or more..."
RING = KeyRing([NEW])
KEY_ID, KEY = RING.current("access-token")


def make_claims(**changes: Any) -> Claims:
    ids: dict[str, Any] = {
        "user_id": IDS.new(),
        "workspace_id": IDS.new(),
        "session_id": IDS.new(),
        "version": 1,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
    }
    return Claims(**(ids | changes))


def body_of_token(**changes: Any) -> dict[str, Any]:
    signed = tokens.sign(make_claims(), IDS.new(), RING)
    body: dict[str, Any] = jwt.decode(signed, options={"verify_signature": False})
    return {key: value for key, value in (body | changes).items() if value is not None}


def forge(body: dict[str, Any], **changes: Any) -> str:
    given = {"key": KEY, "algorithm": "HS256", "headers": {"kid": KEY_ID}} | changes
    return jwt.encode(body, given["key"], given["algorithm"], headers=given["headers"])


def unsigned() -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'kid': KEY_ID, 'typ': 'JWT'})}.{part(body_of_token())}."


def by_rsa() -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return forge(body_of_token(), key=pem, algorithm="RS256")


def test_what_is_signed_is_read() -> None:
    claims = make_claims()

    assert tokens.read(tokens.sign(claims, IDS.new(), RING), NOW, RING) == claims


def test_a_token_says_for_whom_by_whom_and_what_it_is() -> None:
    body = body_of_token()

    assert body.keys() == {"iss", "aud", "sub", "jti", "sid", "wid", "sv", "typ", "iat", "exp"}
    assert (body["typ"], body["exp"] - body["iat"]) == ("access", 900)


FORGED: dict[str, Callable[[], str]] = {
    "no algorithm": unsigned,
    "another algorithm of the same key": lambda: forge(body_of_token(), algorithm="HS512"),
    "a key pair": by_rsa,
    "another key": lambda: forge(body_of_token(), key=b"x" * 32),
    "an unknown key id": lambda: forge(body_of_token(), headers={"kid": "0" * 16}),
    "no key id": lambda: forge(body_of_token(), headers={}),
    "a path as key id": lambda: forge(body_of_token(), headers={"kid": "../../dev/null"}),
    "a key in the header": lambda: forge(
        body_of_token(), key=b"x" * 32, headers={"kid": KEY_ID, "jwk": {"kty": "oct", "k": "eA"}}
    ),
    "another audience": lambda: forge(body_of_token(aud="other")),
    "another issuer": lambda: forge(body_of_token(iss="other")),
    "another kind": lambda: forge(body_of_token(typ="refresh")),
    "no kind": lambda: forge(body_of_token(typ=None)),
    "no expiry": lambda: forge(body_of_token(exp=None)),
    "no session": lambda: forge(body_of_token(sid=None)),
    "no version": lambda: forge(body_of_token(sv=None)),
    "no id": lambda: forge(body_of_token(jti=None)),
    "a life too long": lambda: forge(body_of_token(exp=int(NOW.timestamp()) + 901)),
    "an expiry before its issue": lambda: forge(body_of_token(exp=int(NOW.timestamp()))),
    "an expiry beyond any calendar": lambda: forge(body_of_token(iat=10**30, exp=10**30 + 900)),
    "a user that is none": lambda: forge(body_of_token(sub="1 OR 1=1")),
    "a version that is a list": lambda: forge(body_of_token(sv=[1])),
    "no parts": lambda: "x",
    "empty parts": lambda: "..",
    "a refresh token": lambda: "qlr_" + "A" * 43,
    "a megabyte": lambda: "A" * 1_000_000,
    "letters of other scripts": lambda: "é.ü.中",
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(make: Callable[[], str]) -> None:
    with pytest.raises(BadToken):
        tokens.read(make(), NOW, RING)


def test_a_changed_letter_is_seen() -> None:
    token = tokens.sign(make_claims(), IDS.new(), RING)
    head, body, signature = token.split(".")
    changed = body[:20] + ("A" if body[20] != "A" else "B") + body[21:]

    with pytest.raises(BadToken):
        tokens.read(f"{head}.{changed}.{signature}", NOW, RING)


def test_a_token_ends_on_the_microsecond() -> None:
    token = tokens.sign(make_claims(), IDS.new(), RING)
    end = NOW + timedelta(minutes=15)

    assert tokens.read(token, end - timedelta(microseconds=1), RING).version == 1
    with pytest.raises(TokenExpired):
        tokens.read(token, end, RING)


def test_a_new_secret_signs_while_the_old_one_still_reads() -> None:
    before = tokens.sign(make_claims(), IDS.new(), KeyRing([OLD]))
    both, after = KeyRing([NEW, OLD]), KeyRing([NEW])

    assert tokens.read(before, NOW, both).version == 1
    assert tokens.read(tokens.sign(make_claims(), IDS.new(), both), NOW, after).version == 1
    with pytest.raises(BadToken):
        tokens.read(before, NOW, after)


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert RING.digest("one", b"m") != RING.digest("two", b"m")
    assert RING.is_digest("one", b"m", RING.digest("one", b"m"))
    assert not RING.is_digest("two", b"m", RING.digest("one", b"m"))


@pytest.mark.parametrize(
    "secret",
    [b"", b"changeme", b"x" * 31, b"a" * 64, b"abcabcabc" * 9, b"changeme, a secret of many bytes"],
)
def test_a_secret_that_others_can_guess_is_refused(secret: bytes) -> None:
    with pytest.raises(WeakSecret, match="QUANTLOOM_SECRET_KEY"):
        KeyRing([secret])


def test_an_old_secret_must_be_as_good_as_a_new_one() -> None:
    with pytest.raises(WeakSecret):
        KeyRing([NEW, b"changeme"])
