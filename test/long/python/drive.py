"""Runs one module of CPython's tests in the guest: `drive.py MODULE`. Prints 'VERDICT TEST' lines on standard output.

The tests run in a child; when one of them says nothing for too long it counts as hung, and a new child goes on behind it.
"""

import importlib
import os
import select
import signal
import sys
import unittest

PATIENCE = 240  # seconds; only a test that hangs takes them


def flatten(suite):
    for item in suite:
        yield from flatten(item) if isinstance(item, unittest.TestSuite) else (item,)


class Reporter(unittest.TestResult):
    def __init__(self, channel):
        super().__init__()
        self._channel = channel
        self._verdict = None

    def _say(self, word, test):
        os.write(self._channel, f"{word} {test.id()}\n".encode())

    def startTest(self, test):
        super().startTest(test)
        self._verdict = "pass"
        self._say("start", test)

    def stopTest(self, test):
        super().stopTest(test)
        self._say(self._verdict, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._verdict = "skip"

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._fail(subtest, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._fail(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        if not hasattr(test, "_testMethodName"):  # a class or a module that could not be set up
            self._say("fail", test)
        self._fail(test, error)

    def _fail(self, test, error):
        self._verdict = "fail"
        print(f"---- {test.id()}\n{self._exc_info_to_string(error, test)}", file=sys.stderr, flush=True)


def child(module, done, channel):
    os.setsid()
    os.dup2(2, 1)
    from test import support
    support.use_resources = []
    support.verbose = 0
    tests = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(f"test.{module}"))
    suite = unittest.TestSuite()
    for test in flatten(tests):
        if test.id() not in done:
            suite.addTest(test)
    suite.run(Reporter(channel))


def attempt(module, done):
    """One child; returns whether it came to its end."""
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, False)
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        child(module, done, theirs)
        sys.stderr.flush()
        os._exit(0)
    os.close(theirs)
    running, timely = follow(ours, pid, done)
    try:
        os.killpg(pid, signal.SIGKILL)  # what hangs, and processes that tests left
    except ProcessLookupError:
        pass
    os.close(ours)
    os.waitpid(pid, 0)
    if running is not None:
        print("crash" if timely else "hang", running, flush=True)
    return running is None


def follow(channel, pid, done):
    """Passes the verdicts of child `pid` on until it ends or is silent; the test in which it was, and whether it ended.

    The channel's end does not tell: what a test forked and left has it open too.
    """
    running, rest, ended = None, b"", os.pidfd_open(pid)
    while True:
        ready, _, _ = select.select([channel, ended], [], [], PATIENCE)
        if channel not in ready:
            break
        data = os.read(channel, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            word, _, test = line.decode().partition(" ")
            running = test if word == "start" else None
            done.add(test)
            if word != "start":
                print(word, test, flush=True)
    os.close(ended)
    return running, bool(ready)


def main():
    module, done = sys.argv[1], set()
    for _ in range(8):
        if attempt(module, done):
            break


if __name__ == "__main__":  # multiprocessing's spawned children import this file
    main()
