"""Writes a newc cpio archive, device nodes included, without being root."""

import os
import stat


def _entry(number: int, name: str, mode: int, data: bytes, device: tuple[int, int]) -> bytes:
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
    return _padded(head) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


class Archive:
    def __init__(self) -> None:
        self._out = []

    def _add(self, name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        self._out.append(_entry(len(self._out) + 1, name, mode, data, device))

    def directory(self, name: str) -> None:
        self._add(name, stat.S_IFDIR | 0o755)

    def text(self, name: str, contents: str, mode: int = 0o644) -> None:
        self._add(name, stat.S_IFREG | mode, contents.encode())

    def program(self, name: str, source: os.PathLike) -> None:
        with open(source, "rb") as file:
            self._add(name, stat.S_IFREG | 0o755, file.read())

    def link(self, name: str, target: str) -> None:
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name: str, major: int, minor: int) -> None:
        self._add(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def write(self, path: os.PathLike) -> None:
        self._add("TRAILER!!!", 0)
        with open(path, "wb") as file:
            file.write(b"".join(self._out))
