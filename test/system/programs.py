"""Hostile and special ELF files, byte by byte."""
import struct

_CODE = bytes.fromhex("b83c0000 00bf2a000000 0f05".replace(" ", ""))  # mov $60,%eax; mov $42,%edi; syscall
_BASE = 0x400000


def elf(*, machine=62, kind=2, magic=b"\x7fELF", ei_class=2, phentsize=56, phnum=1, phoff=64, entry=None, filesz=None, memsz=None, vaddr=_BASE,
        offset=0, align=4096, flags=5, code=_CODE, p_type=1, extra_headers=b""):
    """A program that exits with 42, or a broken variation of it."""
    body_at = 64 + 56 + len(extra_headers)
    size = body_at + len(code)
    header = struct.pack("<4sBBBBQHHIQQQIHHHHHH", magic, ei_class, 1, 1, 0, 0, kind, machine, 1, _BASE + body_at if entry is None else entry, phoff, 0, 0, 64,
                         phentsize, phnum, 0, 0, 0)
    program = struct.pack("<IIQQQQQQ", p_type, flags, offset, vaddr, vaddr, size if filesz is None else filesz,
                          size if memsz is None else memsz, align)
    return header + program + extra_headers + code


GOOD = elf()

# name -> (content, what execve says): checked on Linux.
REFUSED = {
    "empty": b"",
    "one-byte": b"\x7f",
    "magic-only": b"\x7fELF",
    "half-a-header": GOOD[:40],
    "no-program-headers": elf(phnum=0),
    "headers-beyond-the-end": elf(phoff=1 << 40),
    "header-table-cut": GOOD[:100],
    "wrong-header-size": elf(phentsize=32),
    "too-many-headers": elf(phnum=0xFFFF),
    "for-arm64": elf(machine=183),
    "relocatable-object": elf(kind=1),
    "wrong-magic": elf(magic=b"\x7fELG"),
}
# Accepted by the header checks and killed, or refused while mapping.
DEADLY = {
    "entry-nowhere": elf(entry=0x123456789000),
    "entry-in-kernel": elf(entry=0xFFFFFFFF80000000),
    "code-not-executable": elf(flags=4),
    "segment-in-kernel": elf(vaddr=0xFFFFFFFF80000000),
    "segment-wraps": elf(vaddr=0xFFFFFFFFFFFFF000, memsz=0x10000),
    "memory-smaller-than-file": elf(memsz=1),
    "enormous-memory": elf(memsz=1 << 47),
}
# Odd, and yet they run: nothing touches the part that the file lacks.
HARMLESS = {"file-part-beyond-end": elf(filesz=1 << 20, memsz=1 << 20)}
