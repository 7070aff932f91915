"""Started by rootfs/hardtack."""

import signal
import sys

from .cli import main

# Ended from outside, it still takes its guest and its files along.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
sys.exit(main(sys.argv[1:]))
