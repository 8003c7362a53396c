"""Speaking to the service: signing in, sending, and what is raised where it refuses."""

import json
import threading
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from quantloom.client.operations import Operations
from quantloom.errors import Invalid, QuantloomError, Unavailable

_PREFIX = "/api/v1"
_WORTH_ANOTHER_TRY = (429, 502, 503, 504)


class BadAddress(Invalid):
    """An address that is no http or https URL."""

    code = "client.bad_address"

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def __str__(self) -> str:
        return f"{self.address!r} is no address of a service; write it like http://127.0.0.1:8000"


class RequestRefused(Invalid):
    """The service understood the request and does not do it.

    Attributes:
        status: of HTTP.
        problem_code: stable name of the error, the one to decide by.
        fields: what is wrong with single fields, as `field`, `code` and `message`.
        request_id: by which operators find the request.
    """

    code = "client.request_refused"

    def __init__(
        self,
        status: int,
        problem_code: str,
        detail: str,
        fields: tuple[Mapping[str, str], ...] = (),
        request_id: str = "",
    ) -> None:
        super().__init__(status, problem_code, detail, fields, request_id)
        self.status, self.problem_code, self.detail = status, problem_code, detail
        self.fields, self.request_id = fields, request_id

    def __str__(self) -> str:
        return f"the service refused ({self.problem_code}): {self.detail}"


class ServiceUnavailable(Unavailable):
    """The service does not answer just now; the same request may work later.

    Attributes:
        retry_after_s: seconds to wait, where the service told.
    """

    code = "client.service_unavailable"

    def __init__(self, address: str, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(address, reason, retry_after_s)
        self.address, self.reason, self.retry_after_s = address, reason, retry_after_s

    def __str__(self) -> str:
        when = f"in {self.retry_after_s:g} s" if self.retry_after_s else "in a moment"
        return f"the service at {self.address} does not answer ({self.reason}); try again {when}"


class _StayHere(HTTPRedirectHandler):
    """Follows no redirect: the token must not go elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Client(Operations):
    """Speaks to a service; may be shared by threads.

    Each operation of the service is a method by its name; `get`, `post`, `each` and `request` take
    paths.

    Args:
        address: where the service is, such as `http://127.0.0.1:8000`.
        api_key: for programs; people call `login`.
        timeout_s: how long one answer may take.
        language: of error texts, `en` or `zh`.
    Raises:
        BadAddress: the address is no http or https URL.
    """

    def __init__(
        self,
        address: str,
        *,
        api_key: str | None = None,
        timeout_s: float = 30.0,
        language: str = "en",
    ) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise BadAddress(address)
        self.address = f"{parts.scheme}://{parts.netloc}"
        self._timeout_s = timeout_s
        self._headers = {"Accept": "application/json", "Accept-Language": language}
        if api_key is not None:
            self._headers["X-API-Key"] = api_key
        self._opener = build_opener(_StayHere())
        self._renewing = threading.Lock()
        self._access: str | None = None
        self._refresh: str | None = None

    def login(self, username: str, password: str, code: str | None = None) -> None:
        """Sign in; tokens stay in memory and are renewed as they end.

        Args:
            code: of the second factor, where the account has one.
        Raises:
            RequestRefused: name, password or code are wrong, or there were too many tries.
            ServiceUnavailable: the service does not answer.
        """
        body = {"username": username, "password": password}
        self._keep(self.post("/auth/login", body if code is None else {**body, "code": code}))

    def logout(self) -> None:
        """End the session."""
        self.post("/auth/logout")
        self._access = self._refresh = None

    def get(self, path: str, **query: Any) -> Any:
        """Read something; `path` is below `/api/v1`.

        Args:
            query: what the route asks; values that are None are left out.
        Raises:
            RequestRefused, ServiceUnavailable: as for `request`.
        """
        return self.request("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Do something; raises as `request`."""
        return self.request("POST", path, body=body)

    def each(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Walk through a whole list, page by page; raises as `request`."""
        cursor = None
        while True:
            page = self.get(path, **{**query, "cursor": cursor})
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def instrument(self, symbol: str, on: str | None = None) -> dict[str, Any]:
        """Read an instrument by any spelling, with its terms on a day; raises as `request`."""
        found: dict[str, Any] = self.get(f"/market/instruments/{quote(symbol, safe='')}", on=on)
        return found

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Any:
        """Send a request and read the answer.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: below `/api/v1`, or a whole one that begins with it.
            query: what the route asks; values that are None are left out.
            body: what JSON can hold.
            headers: further ones, such as `Idempotency-Key`; those that are None are left out.
        Returns:
            What JSON holds; text where the answer is no JSON; None where there is none.
        Raises:
            RequestRefused: the service does not do it.
            ServiceUnavailable: it does not answer, or not now.
        """
        told = {name: _plain(value) for name, value in (query or {}).items() if value is not None}
        route = path if path.startswith((_PREFIX, "/health", "/metrics")) else f"{_PREFIX}{path}"
        url = f"{self.address}{route}{'?' + urlencode(told, doseq=True) if told else ''}"
        more = {name: value for name, value in (headers or {}).items() if value is not None}
        token = self._access
        try:
            return self._send(method, url, body, {**self._known_by(token), **more})
        except RequestRefused as refused:
            if refused.status != 401 or not self._renew(token):
                raise
        return self._send(method, url, body, {**self._known_by(self._access), **more})

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        request = Request(url, data=data, method=method)  # noqa: S310  http or https, by `__init__`
        for name, value in {**self._headers, **kind, **headers}.items():
            request.add_header(name, value)
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return _read(answer.headers, answer.read())
        except HTTPError as error:
            with error:
                raise self._refusal(error.code, error.headers, error.read()) from None
        except (URLError, OSError) as error:
            reason = str(getattr(error, "reason", error))
            raise ServiceUnavailable(self.address, reason) from error

    def _refusal(self, status: int, headers: Message, text: bytes) -> QuantloomError:
        if status in _WORTH_ANOTHER_TRY:
            after = headers.get("Retry-After", "")
            seconds = float(after) if after.isdigit() else None
            return ServiceUnavailable(self.address, f"status {status}", seconds)
        found = _read(headers, text)
        told = found if isinstance(found, dict) else {}
        return RequestRefused(
            status,
            str(told.get("code", f"http.{status}")),
            str(told.get("detail", "it gave no reason")),
            tuple(told.get("errors") or ()),
            str(told.get("request_id", "")),
        )

    def _renew(self, token: str | None) -> bool:
        # A refresh token counts once: whoever comes second finds the new one already there.
        with self._renewing:
            if self._access != token:
                return self._access is not None
            if self._refresh is None:
                return False
            sent, self._refresh = self._refresh, None
            body = {"refresh_token": sent}
            try:
                self._keep(self._send("POST", f"{self.address}{_PREFIX}/auth/refresh", body, {}))
            except RequestRefused:
                self._access = None
            return self._access is not None

    def _keep(self, tokens: Mapping[str, Any]) -> None:
        self._access, self._refresh = tokens["access_token"], tokens["refresh_token"]

    def _known_by(self, token: str | None) -> dict[str, str]:
        return {} if token is None else {"Authorization": f"Bearer {token}"}


def _plain(value: Any) -> Any:
    # A query says true, as JSON does.
    return str(value).lower() if isinstance(value, bool) else value


def _read(headers: Message, text: bytes) -> Any:
    if not text:
        return None
    kind = headers.get_content_type()
    if not kind.endswith("json"):
        return text.decode(headers.get_content_charset("utf-8"))
    try:
        return json.loads(text)
    except ValueError:
        return None
