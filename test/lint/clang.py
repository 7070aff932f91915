"""clang-format and clang-tidy with the tree's configurations."""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

FORMATTED = (".cc", ".h", ".c")
CACHE = Path("build/lint/tidy")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def check_format(files, read):
    del read
    sources = [file for file in files if file.endswith(FORMATTED)]
    done = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *sources], capture_output=True, text=True,
                          check=False)
    seen = dict.fromkeys(re.findall(r"^([^\s:]+):\d+:\d+: error", done.stderr, re.M))
    for file in seen:
        yield f"{file}: not formatted (make format does it)"


def check_tidy(files, read):
    """Clean results are remembered by the contents of the file and of the headers it can see."""
    subprocess.run(["make", "-s", "compile_commands.json"], check=True, stdout=subprocess.DEVNULL)
    CACHE.mkdir(parents=True, exist_ok=True)
    known = {entry["file"] for entry in json.loads(Path("compile_commands.json").read_text(encoding="utf-8"))}
    sources = [file for file in files if file in known and not file.startswith("test/")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for complaints in pool.map(lambda file: _tidy(file, read), sources):
            yield from complaints


def _tidy(file, read):
    stamp = CACHE / _digest(file, read)
    if stamp.exists():
        return []
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", ".", file], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if re.search(r": (error|warning): ", line)]
    root = os.getcwd() + "/"
    if done.returncode == 0 and not lines:
        stamp.touch()
        return []
    return [line.replace(root, "") for line in lines] or [f"{file}: clang-tidy failed: {done.stderr.strip()[:200]}"]


def _digest(file, read):
    digest = hashlib.sha256(read(".clang-tidy").encode())
    pending, seen = [file], set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        text = read(name)
        digest.update(name.encode() + text.encode())
        for include in INCLUDE.findall(text):
            candidates = (include, f"arch/include/{include}", f"arch/x86_64/include/{include}",
                          os.path.join(os.path.dirname(name), include))
            pending += [path for path in candidates if os.path.isfile(path)][:1]
    return digest.hexdigest()
