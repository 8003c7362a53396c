"""System calls by number, through the C library: what Python does not offer."""

import ctypes
import errno
import os
import platform

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long

MACHINE = platform.machine()
"""The architecture, as the kernel calls it."""

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of `NUMBERS` and the kernel's own mark, by architecture."""

# Numbers on x86-64 and on aarch64; None where there is no such call.
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "access": (21, None),
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "brk": (12, 214),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "clock_settime": (227, 112),
    "clone3": (435, 435),
    "close": (3, 57),
    "delete_module": (176, 106),
    "execve": (59, 221),
    "execveat": (322, 281),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "fcntl": (72, 25),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "fstat": (5, 80),
    "futex": (202, 98),
    "getcpu": (309, 168),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getrandom": (318, 278),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "landlock_add_rule": (445, 445),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
    "lseek": (8, 62),
    "lstat": (6, None),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    "memfd_secret": (447, 447),
    "mmap": (9, 222),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "name_to_handle_at": (303, 264),
    "nanosleep": (35, 101),
    "newfstatat": (262, 79),
    "open": (2, None),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "openat": (257, 56),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "poll": (7, None),
    "ppoll": (271, 73),
    "pread64": (17, 67),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pselect6": (270, 72),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "read": (0, 63),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "readv": (19, 65),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "seccomp": (317, 277),
    "select": (23, None),
    "set_robust_list": (273, 99),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "sigaltstack": (131, 132),
    "stat": (4, None),
    "statx": (332, 291),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "time": (201, None),
    "times": (100, 153),
    "umount2": (166, 39),
    "uname": (63, 160),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
    "write": (1, 64),
    "writev": (20, 66),
}
"""The calls that are named anywhere here; any other one is refused."""

CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = (
    0x04000000,
    0x08000000,
    0x10000000,
    0x40000000,
)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_READ, PR_CAPBSET_DROP = 1, 4, 23, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION = 0x20080522


def number(name: str, machine: str = MACHINE) -> int | None:
    """What a call is known by on an architecture; None where it has no such call."""
    if machine not in ARCHITECTURES:
        return None
    return NUMBERS[name][ARCHITECTURES[machine][0]]


def call(name: str, *arguments: object) -> int:
    """Make a system call.

    Args:
        arguments: whole numbers, None for a null pointer, or objects of ctypes.
    Raises:
        OSError: the kernel refused, or does not know it.
    """
    known = number(name)
    if known is None:
        raise OSError(errno.ENOSYS, f"{name} on {MACHINE}")
    spelled = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    found: int = _LIBC.syscall(ctypes.c_long(known), *spelled)
    return _checked(found, name)


def control(option: int, value: int = 0) -> int:
    """Call `prctl` with one value.

    Raises:
        OSError: the kernel refused.
    """
    rest = [ctypes.c_ulong(0)] * 3
    return _checked(_LIBC.prctl(ctypes.c_int(option), ctypes.c_ulong(value), *rest), "prctl")


def unshare(flags: int) -> None:
    """Leave the namespaces that flags name for new, empty ones.

    Raises:
        OSError: not allowed here.
    """
    _checked(_LIBC.unshare(ctypes.c_int(flags)), "unshare")


def drop_bounds() -> None:
    """Let no program that is started ever hold a capability; needs the right to say so."""
    rest = [ctypes.c_ulong(0)] * 3
    _LIBC.prctl(PR_CAP_AMBIENT, ctypes.c_ulong(PR_CAP_AMBIENT_CLEAR_ALL), *rest)
    capability = 0
    while int(_LIBC.prctl(PR_CAPBSET_READ, ctypes.c_ulong(capability), *rest)) >= 0:
        # Refused without CAP_SETPCAP, and then no_new_privs alone says the same.
        _LIBC.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), *rest)
        capability += 1


def drop_capabilities() -> None:
    """Give up every capability that this process holds or could inherit.

    Raises:
        OSError: the kernel refused.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _checked(_LIBC.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def clear_environment() -> None:
    """Empty the environment, the C library's too."""
    os.environ.clear()
    _LIBC.clearenv()


def _checked(found: int, name: str) -> int:
    if found < 0:
        problem = ctypes.get_errno()
        raise OSError(problem, f"{name}: {os.strerror(problem)}")
    return found
