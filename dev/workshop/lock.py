"""One run at a time for what two runs would spoil for each other."""

import contextlib
import fcntl
from collections.abc import Iterator

from .console import say
from .paths import WORKSHOP


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """Wait until no other run does the same; the system frees the lock of one that
    died."""
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    with (WORKSHOP / f"{what}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  Waiting for another run to finish with the {what} ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
