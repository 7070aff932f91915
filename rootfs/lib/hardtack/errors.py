"""How the launcher fails: one line for a person, one exit status for a script."""

TIMEOUT = 124  # as timeout(1)
FAILED = 125  # the kernel panicked, or the launcher could not do its part
USAGE = 2


class LauncherError(Exception):
    """Ends the launcher with `status` and the message as its one-line reason."""

    def __init__(self, message, status=FAILED):
        super().__init__(message)
        self.status = status
