"""Which walls stand on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Walls = Literal["required", "off"]
"""Whether user code is refused where the kernel has no walls; `off` takes the risk."""


class Profile(StrEnum):
    """How much of the file system a job may look at.

    Members:
        STRICT: nothing; what is not preloaded cannot be imported.
        NORMAL: the libraries, read-only; needs Landlock, and is STRICT without it.
    """

    STRICT = "strict"
    NORMAL = "normal"


class Layer(StrEnum):
    """A wall that a kernel may lack."""

    SECCOMP = "seccomp"
    LANDLOCK = "landlock"
    NAMESPACES = "namespaces"
    OOM_SCORE = "oom_score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What was found to hold, by a child that tried it.

    Attributes:
        profile: the one that is in force.
        seccomp: whether system calls are filtered.
        landlock: its version; 0 without. From 4 it refuses TCP, from 6 signals and abstract
            sockets.
        namespaces: whether network, IPC and host name are a child's own, and empty.
        own_user: whether children run as another user than the service; only root can give one.
        oom_score: whether the kernel ends children first when memory runs out.
        unreadable: a folder of the libraries that children's user cannot enter; empty if none.
            Then nothing that is not preloaded can be imported, in any profile.
    """

    profile: Profile
    seccomp: bool
    landlock: int
    namespaces: bool
    own_user: bool
    oom_score: bool
    unreadable: str = ""

    @property
    def hold(self) -> bool:
        """Whether there is a wall at all: seccomp or Landlock."""
        return self.seccomp or self.landlock > 0

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing, and what that means; empty where everything holds."""
        return tuple(self._gaps())

    def _gaps(self) -> Iterator[str]:
        if not self.seccomp:
            yield "seccomp: system calls are not filtered, so processes and sockets can be made"
        if not self.landlock:
            yield "landlock: files are not guarded by the kernel, so nothing may be opened at all"
        elif self.landlock < 6:
            yield f"landlock {self.landlock}: signals and abstract sockets are left to seccomp"
        if not self.namespaces:
            yield "namespaces: the network is the service's own, and left to seccomp"
        if not self.oom_score:
            yield "oom_score: the kernel may end the service first when memory runs out"
        if self.unreadable:
            yield (
                f"libraries: {self.unreadable} is closed to the sandbox's user, so only what is "
                "preloaded can be imported; move the interpreter, or open the folder (chmod o+x)"
            )
