"""docs/syscalls.md is what the syscall table makes of it, and Markdown links inside the tree lead somewhere."""

import re
import subprocess
from pathlib import PurePosixPath

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def check(files, read):
    made = subprocess.run(["rootfs/toolchain/syscall-docs"], check=True, capture_output=True, text=True).stdout
    if "docs/syscalls.md" not in files or read("docs/syscalls.md") != made:
        yield "docs/syscalls.md: not up to date (make docs writes it)"
    folders = {str(parent) for file in files for parent in PurePosixPath(file).parents}
    for file in files:
        if not file.endswith(".md"):
            continue
        for link in LINK.findall(read(file)):
            target = str(PurePosixPath(file).parent / link)
            if "://" not in link and target.rstrip("/") not in folders and target not in files:
                yield f"{file}: the link to {link} leads nowhere"
