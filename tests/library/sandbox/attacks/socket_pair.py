"""
goal: make two sockets that know each other
expect: blocked
"""

import socket
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return socket.socketpair()
