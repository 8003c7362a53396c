"""A stand-in for the whole web: a proxy that ends TLS itself and answers from what it was given.

The worker's proxy and certificates are settings of the product, so the vendors' packages run as
they are, and talk to hosts of their own choosing.
"""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOSTS = (
    *("push2his.eastmoney.com", "finance.sina.com.cn", "stock2.finance.sina.com.cn"),
    *("82.push2.eastmoney.com", "80.push2.eastmoney.com"),
    *("fc.yahoo.com", "query1.finance.yahoo.com", "query2.finance.yahoo.com"),
    *("api.binance.com", "api.tushare.pro"),
)
_CERTIFICATES = """
import datetime, sys
from pathlib import Path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
folder, hosts = Path(sys.argv[1]), sys.argv[2:]
now = datetime.datetime.now(datetime.timezone.utc)
def name(text): return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
def make(subject, key, issuer, signer, extensions):
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30)))
    for one, critical in extensions: builder = builder.add_extension(one, critical)
    return builder.sign(signer, hashes.SHA256())
root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
skid = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
ca = make(name("stand-in"), root, name("stand-in"), root,
    [(x509.BasicConstraints(ca=True, path_length=None), True), (usage, True), (skid, False)])
names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
akid = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
site = make(name("site"), leaf, name("stand-in"), root,
    [(names, False), (akid, False), (x509.BasicConstraints(ca=False, path_length=None), True)])
pem = serialization.Encoding.PEM
(folder / "ca.pem").write_bytes(ca.public_bytes(pem))
(folder / "site.pem").write_bytes(site.public_bytes(pem) + leaf.private_bytes(pem,
    serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))
"""


@dataclass(frozen=True)
class Reply:
    """What is sent back, and how badly.

    Attributes:
        cut: how many bytes of the body are sent of those that were promised.
        stall: send nothing until the asker has gone.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    stall: bool = False


Answerer = Callable[[str, bytes], Reply]


@dataclass
class StandIn:
    """The proxy; `routes` maps the beginning of host and path to a reply, the longest one wins."""

    port: int
    ca_file: Path
    routes: dict[str, Reply | Answerer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, target: str, body: bytes) -> Reply:
        self.asked.append(target)
        for start in sorted(self.routes, key=len, reverse=True):
            if target.startswith(start):
                found = self.routes[start]
                return found if isinstance(found, Reply) else found(target, body)
        return Reply(status=404, body=b"nobody told me")


@contextmanager
def standing_in(folder: Path, python: Path) -> Iterator[StandIn]:
    """Run the stand-in in threads of this process."""
    command = [str(python), "-I", "-c", _CERTIFICATES, str(folder), *HOSTS]
    subprocess.run(command, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = StandIn(server.getsockname()[1], folder / "ca.pem")
        threading.Thread(target=_serve, args=(server, context, found), daemon=True).start()
        yield found


def _serve(server: socket.socket, context: ssl.SSLContext, found: StandIn) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(caller, context, found), daemon=True).start()


def _talk(caller: socket.socket, context: ssl.SSLContext, found: StandIn) -> None:
    # Whatever goes wrong here is the caller's to notice.
    with suppress(OSError, ssl.SSLError, ValueError), caller:
        caller.settimeout(20)
        head, _ = _read_head(caller)
        host = head.split()[1].decode().partition(":")[0]
        caller.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(caller, server_side=True) as site:
            head, rest = _read_head(site)
            body = rest + _read_rest(site, head, len(rest))
            _send(site, found.answer(host + head.split()[1].decode(), body))


def _read_head(caller: socket.socket) -> tuple[bytes, bytes]:
    read = b""
    while b"\r\n\r\n" not in read:
        part = caller.recv(65_536)
        if not part:
            raise ValueError("gone")
        read += part
    head, _, rest = read.partition(b"\r\n\r\n")
    return head, rest


def _read_rest(caller: socket.socket, head: bytes, have: int) -> bytes:
    lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    sizes = {name.lower(): value for name, value in lines.items()}
    missing, read = int(sizes.get(b"content-length", b"0")) - have, b""
    while len(read) < missing:
        read += caller.recv(65_536)
    return read


def _send(site: Any, reply: Reply) -> None:
    if reply.stall:
        site.recv(1)
        return
    headers = [("Content-Length", str(len(reply.body))), ("Connection", "close"), *reply.headers]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    site.sendall(f"HTTP/1.1 {reply.status} so\r\n{head}\r\n".encode() + reply.body[: reply.cut])
