"""
goal: fork by the 32-bit entry of the kernel
expect: killed
machine: x86_64
"""

import ctypes
import mmap
from typing import Any


def attack(env: dict[str, Any]) -> object:
    # mov eax, 2; int 0x80; cdqe; ret
    code = b"\xb8\x02\x00\x00\x00\xcd\x80\x48\x98\xc3"
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_long)(start)() >= 0
