"""Time, queries and memory of one call, as a request of the web client would make it:
in a transaction of its own, with nothing cached but what a running server has cached.
"""

import gc
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from odoo import api
from odoo.modules.registry import Registry

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Call:
    """Something that a user does."""

    login: str
    run: Callable[[Any], Any]
    #: What has to be there before; not measured.
    prepare: Callable[[Any], Any] | None = None


@dataclass
class Samples:
    seconds: list[float] = field(default_factory=list)
    queries: set[int] = field(default_factory=set)
    #: Most memory that a call took on top of what the process had, in bytes.
    peak: int = 0
    result: Any = None

    @property
    def median(self) -> float:
        return median(self.seconds)


@dataclass(frozen=True)
class Database:
    name: str
    size: int

    def measure(self, call: Call, samples: Samples | None = None) -> None:
        """Make the call and roll it back; without samples it only warms up."""
        with Registry(self.name).cursor() as cr:
            user_id = self._user_id(cr, call.login)
            user = api.Environment(cr, user_id, {})["res.users"].context_get()
            context = {**user, "allowed_company_ids": [1]}
            env = api.Environment(cr, user_id, context)
            env.user.has_group("base.group_user")
            if call.prepare:
                call.prepare(env)
            gc.collect()
            queries, memory = cr.sql_log_count, reset_peak()
            start = time.perf_counter()
            result = call.run(env)
            env.flush_all()
            seconds = time.perf_counter() - start
            if samples is not None:
                samples.seconds.append(seconds)
                samples.queries.add(cr.sql_log_count - queries)
                samples.peak = max(samples.peak, peak() - memory)
                samples.result = result
            cr.rollback()

    def _user_id(self, cr, login: str) -> int:
        cr.execute("SELECT id FROM res_users WHERE login = %s", [login])
        return cr.fetchone()[0]


def reset_peak() -> int:
    """Let the kernel forget the process's peak; returns the memory it has now."""
    _CLEAR.write_text(_RESET_PEAK)
    return _memory("VmRSS")


def peak() -> int:
    return _memory("VmHWM")


def _memory(name: str) -> int:
    return 1024 * int(re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text())[1])
