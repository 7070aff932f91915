"""Writes newc cpio archives, device nodes included, without being root and always byte for byte the same."""

import os
import stat


def _entry(number, name, mode, data, device, owner=(0, 0), modified=0):
    raw = os.fsencode(name)
    fields = [number, mode, *owner, 1, modified, len(data), 0, 0, *device, len(raw) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + raw + b"\0"
    return _padded(head) + _padded(data)


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


MERGED = ("bin", "sbin", "lib", "lib64")  # links to the folder of that name below usr, as Debian has them


def merged(name):
    """The name without the links of MERGED."""
    name = name.strip("/")
    return f"usr/{name}" if name.split("/")[0] in MERGED else name


class Archive:
    """Entries in the order they are added; a parent folder comes before what it holds."""

    def __init__(self, place=lambda name: name.strip("/")):
        """`place`: where an entry of a given name goes; `merged` for a guest with Debian's merged /usr."""
        self._parts = []
        self._folders = {""}
        self._place = place

    def _add(self, name, mode, data=b"", device=(0, 0)):
        self._parts.append(_entry(len(self._parts) + 1, name, mode, data, device))

    def entry(self, name, info, data=b""):
        """A file as it is elsewhere: `info` is its stat result, `data` its contents or a link's target."""
        name = self._place(name)
        if stat.S_ISDIR(info.st_mode):
            self._folders.add(name)
        else:
            self.folder(os.path.dirname(name))
        self._parts.append(_entry(len(self._parts) + 1, name, info.st_mode, data, (0, 0), (info.st_uid, info.st_gid),
                                  int(info.st_mtime)))

    def folder(self, name, mode=0o755):
        name = self._place(name)
        if name in self._folders:
            return
        self.folder(os.path.dirname(name))
        self._folders.add(name)
        self._add(name, stat.S_IFDIR | mode)

    def data(self, name, contents, mode=0o644):
        name = self._place(name)
        self.folder(os.path.dirname(name))
        self._add(name, stat.S_IFREG | mode, contents)

    def file(self, name, source, mode=None):
        with open(source, "rb") as f:
            self.data(name, f.read(), mode or stat.S_IMODE(os.fstat(f.fileno()).st_mode))

    def link(self, name, target):
        name = self._place(name)
        self.folder(os.path.dirname(name))
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def plain_link(self, name, target):
        """A link whose own name is not placed anew."""
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name, major, minor, mode=0o600):
        name = self._place(name)
        self.folder(os.path.dirname(name))
        self._add(name, stat.S_IFCHR | mode, device=(major, minor))

    def bytes(self):
        """The archive, padded as the kernel wants it when another one follows."""
        end = _entry(0, "TRAILER!!!", 0, b"", (0, 0))
        whole = b"".join([*self._parts, end])
        return whole + b"\0" * (-len(whole) % 512)
