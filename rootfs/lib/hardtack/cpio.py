"""Writes newc cpio archives, device nodes included, without being root and always byte for byte the same."""

import os
import stat


def _entry(number, name, mode, data, device):
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return _padded(head) + _padded(data)


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


class Archive:
    """Entries in the order they are added; a parent folder comes before what it holds."""

    def __init__(self):
        self._parts = []
        self._folders = {""}

    def _add(self, name, mode, data=b"", device=(0, 0)):
        self._parts.append(_entry(len(self._parts) + 1, name, mode, data, device))

    def folder(self, name, mode=0o755):
        name = name.strip("/")
        if name in self._folders:
            return
        self.folder(os.path.dirname(name))
        self._folders.add(name)
        self._add(name, stat.S_IFDIR | mode)

    def data(self, name, contents, mode=0o644):
        self.folder(os.path.dirname(name))
        self._add(name.strip("/"), stat.S_IFREG | mode, contents)

    def file(self, name, source, mode=None):
        with open(source, "rb") as f:
            self.data(name, f.read(), mode or stat.S_IMODE(os.fstat(f.fileno()).st_mode))

    def link(self, name, target):
        self.folder(os.path.dirname(name))
        self._add(name.strip("/"), stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name, major, minor, mode=0o600):
        self.folder(os.path.dirname(name))
        self._add(name.strip("/"), stat.S_IFCHR | mode, device=(major, minor))

    def bytes(self):
        """The archive, padded as the kernel wants it when another one follows."""
        end = _entry(0, "TRAILER!!!", 0, b"", (0, 0))
        whole = b"".join([*self._parts, end])
        return whole + b"\0" * (-len(whole) % 512)
