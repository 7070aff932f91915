"""Every tool that the tree calls comes from a package in rootfs/deps, or from Debian's base system."""

import re
import shutil
import subprocess
from pathlib import Path

KEYWORDS = {"if", "then", "else", "elif", "while", "until", "do", "!", "exec", "eval", "command", "{", "time"}
MAKE_FUNCTION = re.compile(r"\$\((?:file|foreach|call|if|filter|filter-out|wildcard|sort|eval|patsubst|strip)\b[^)]*\)?")
SHELL_SPLIT = re.compile(r"\|\||&&|[;|&(`]")
ASSIGNMENT = re.compile(r"^\w+=\S*$")
# A list that becomes a command, or a constant that names a tool.
PYTHON_CALL = re.compile(r"""(?:subprocess\.\w+\(\[|spawn\(|\b(?:command|line|launcher|words) = \[|^[A-Z_]+ = \[?)\s*["']([a-z][\w.+-]+)["']""",
                         re.M)
PYTHON_IMPORT = re.compile(r"^\s*(?:import|from)\s+(pexpect|pyte|pytest)\b", re.M)
WORD = re.compile(r"^[a-z][\w.+-]*$")


def _shell_tools(text):
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        for part in SHELL_SPLIT.split(line.lstrip("\t@").replace("$(Q)", "")):
            words = part.split()
            while words and (words[0] in KEYWORDS or ASSIGNMENT.match(words[0])):
                words = words[1:]
            if words and WORD.match(words[0]):
                yield words[0]


def _make_tools(text):
    recipes = [line for line in text.splitlines() if line.startswith("\t")]
    yield from _shell_tools(MAKE_FUNCTION.sub("", "\n".join(recipes)))
    for name in re.findall(r"^\w+ :?= (?:\$\(CCACHE\) )?([a-z][\w.+-]+)", text, re.M):
        yield name


def _tools(file, text):
    if file.endswith(".py") or text.startswith("#!/usr/bin/python3"):
        yield from PYTHON_CALL.findall(text)
    elif file.endswith(".mk") or file == "Makefile":
        yield from _make_tools(text)
    elif text.startswith(("#!/bin/sh", "#!/bin/bash")):
        yield from _shell_tools(text)


def _declared(files, read):
    packages = set()
    for file in files:
        if file.startswith("rootfs/deps/") and file.endswith(".txt"):
            lines = (line.split() for line in read(file).splitlines())
            packages |= {words[0] for words in lines if words and not words[0].startswith("#")}
    return packages


def _base_system():
    out = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Priority} ${Essential}\n"], check=True,
                         capture_output=True, text=True).stdout
    return {line.split()[0] for line in out.splitlines() if " required " in line or line.endswith(" yes")} | {"bash", "apt"}


def _package(tool):
    """The package that owns `tool` on this machine; None when it is no program of a package's."""
    path = shutil.which(tool, path="/usr/bin:/bin:/usr/sbin:/sbin")
    if path is None:
        return None
    for name in (path, path.replace("/usr", "", 1), str(Path(path).resolve())):
        done = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)
        owners = [line for line in done.stdout.splitlines() if not line.startswith("diversion")]
        if owners:
            return owners[0].split(":")[0]
    return None


def check(files, read):
    declared = _declared(files, read) | _base_system()
    users = {}
    for file in files:
        if not file.endswith((".py", ".mk", "Makefile")) and not read(file).startswith("#!"):
            continue
        for tool in _tools(file, read(file)):
            users.setdefault(tool, file)
        for module in PYTHON_IMPORT.findall(read(file)):
            if f"python3-{module}" not in declared:
                yield f"{file}: imports {module}, but no list in rootfs/deps has python3-{module}"
    for tool, file in sorted(users.items()):
        package = _package(tool)
        if package is not None and package not in declared:
            yield f"{file}: calls {tool} of package {package}, which no list in rootfs/deps has"
