"""The filter of system calls: what a child may ask the kernel for, as a program for seccomp."""

import ctypes
import errno
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quantloom.sandbox import calls

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x00050000
_X32 = 0x40000000
_SET_MODE_FILTER, _GET_ACTION_AVAILABLE = 1, 2
# Bits of an open that write, make or only name a file; alike on both architectures.
_MORE_THAN_READ = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o20000000 | 0o10000000
_ALL = 0xFFFFFFFF

PLAIN = (
    *("read", "readv", "pread64", "write", "writev", "lseek", "close", "fstat"),
    *("mmap", "mprotect", "munmap", "mremap", "madvise", "brk"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("futex", "set_robust_list", "rseq", "membarrier", "sched_yield", "sched_getaffinity"),
    *("nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday"),
    *("time", "times", "getrusage", "getrlimit", "getrandom", "getcpu", "uname"),
    *("getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid"),
    # Where it is, the root, is nobody's secret; numba asks.
    *("poll", "ppoll", "select", "pselect6", "exit", "exit_group", "getcwd"),
)
"""Calls that are let through whatever they are given."""

READING = (
    *("stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"),
    *("readlink", "readlinkat", "getdents64"),
)
"""Calls that the normal profile lets through besides; Landlock says of which files."""

HOSTILE = (
    *("execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise"),
    *("kcmp", "pidfd_getfd", "bpf", "perf_event_open", "userfaultfd", "memfd_secret"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick"),
    *("open_tree", "move_mount", "mount_setattr", "setns", "unshare"),
    *("open_by_handle_at", "name_to_handle_at", "add_key", "request_key", "keyctl"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
    *("reboot", "swapon", "swapoff", "acct", "quotactl", "syslog", "vhangup"),
    *("settimeofday", "clock_settime", "adjtimex", "clock_adjtime"),
    *("iopl", "ioperm", "modify_ldt", "personality", "seccomp"),
)
"""Calls that no honest job makes: one ends its process."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition: the bits of an argument that must be zero; both halves where it is wide."""

    argument: int
    mask: int = _ALL
    is_wide: bool = False


_GUARDED: dict[str, tuple[_Part, ...]] = {
    # 0 to 3 duplicate, read and set the close-on-exec flag, and read the mode.
    "fcntl": (_Part(1, mask=_ALL ^ 3),),
    "prlimit64": (_Part(0), _Part(2, is_wide=True)),
}
_GUARDED_READING: dict[str, tuple[_Part, ...]] = {
    "open": (_Part(1, mask=_MORE_THAN_READ),),
    "openat": (_Part(2, mask=_MORE_THAN_READ),),
}


def make_filter(*, is_strict: bool, machine: str = calls.MACHINE) -> bytes:
    """Write the program.

    Args:
        is_strict: whether calls that name a path are refused too.
        machine: the architecture that it is for; calls of any other end the process.
    Returns:
        Instructions of eight bytes each.
    """
    guarded = _GUARDED if is_strict else _GUARDED | _GUARDED_READING
    plain = PLAIN if is_strict else (*PLAIN, *READING)
    return b"".join(
        [
            *_of_machine(machine),
            *_for_each(HOSTILE, _KILL, machine),
            *_for_each(plain, _ALLOW, machine),
            # The C library takes this for an old kernel and asks by `clone`, which is refused.
            *_for_each(("clone3",), _ERROR | errno.ENOSYS, machine),
            *_where_zero(guarded, machine),
            _do(_RETURN, _ERROR | errno.EPERM),
        ]
    )


def is_available() -> bool:
    """Whether this kernel can filter calls, and kill where one is hostile."""
    if calls.MACHINE not in calls.ARCHITECTURES:
        return False
    action = ctypes.c_uint32(_KILL)
    try:
        calls.call("seccomp", _GET_ACTION_AVAILABLE, 0, ctypes.byref(action))
    except OSError:
        return False
    return True


def install(program: bytes) -> None:
    """Have the kernel follow a program for this process, for ever.

    Raises:
        OSError: the kernel refused it.
    """
    buffer = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    )
    calls.call("seccomp", _SET_MODE_FILTER, 0, head)


def _of_machine(machine: str) -> Iterator[bytes]:
    yield _do(_LOAD, 4)
    yield _do(_EQUAL, calls.ARCHITECTURES[machine][1], if_true=1)
    yield _do(_RETURN, _KILL)
    yield _do(_LOAD, 0)
    if machine == "x86_64":
        # The numbers of x32 reach the same kernel by another table.
        yield _do(_AT_LEAST, _X32, if_false=1)
        yield _do(_RETURN, _KILL)


def _for_each(names: Iterable[str], verdict: int, machine: str) -> Iterator[bytes]:
    for name in names:
        number = calls.number(name, machine)
        if number is not None:
            yield _do(_EQUAL, number, if_false=1)
            yield _do(_RETURN, verdict)


def _where_zero(guarded: dict[str, tuple[_Part, ...]], machine: str) -> Iterator[bytes]:
    for name, parts in guarded.items():
        number = calls.number(name, machine)
        if number is None:
            continue
        block = [*_block(parts)]
        yield _do(_EQUAL, number, if_false=len(block))
        yield from block


def _block(parts: tuple[_Part, ...]) -> Iterator[bytes]:
    for part in parts:
        # The low half of an argument comes first on both architectures.
        for half in range(1 + part.is_wide):
            yield _do(_LOAD, 16 + 8 * part.argument + 4 * half)
            yield _do(_AND, part.mask)
            yield _do(_EQUAL, 0, if_true=1)
            yield _do(_RETURN, _ERROR | errno.EPERM)
    yield _do(_RETURN, _ALLOW)


def _do(code: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
