"""Workers that run a scheduled action with a cursor of their own, and can be led.

What is led is where a transaction begins (``ir.cron._stm_do``) and where it ends
(``ir.cron._commit_progress``). A worker that PostgreSQL keeps waiting for another one
counts as having arrived, so that nobody waits for ever.
"""

import os
import signal
import threading
import time

from workshop import database

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

STEP, PATIENCE = 0.01, 2000


class Worker(threading.Thread):
    """Runs one job to its end on a cursor of its own."""

    def __init__(self, name, job):
        super().__init__(daemon=True)
        self.registry, self.job = Registry(name), job
        self.partner = self.error = self.backend = None
        self.commits = 0
        self.has_looked = self.is_done = False

    def run(self):
        threading.current_thread().dbname = self.registry.db_name
        try:
            with self.registry.cursor() as cr:
                self.backend = cr._cnx.info.backend_pid
                self.job(api.Environment(cr, SUPERUSER_ID, {}))
        except Exception as error:  # the test reports whatever it was
            self.error = error
        finally:
            self.is_done = True

    def wait_for(self, arrived):
        """Wait until the other one has arrived, is done or waits for a lock of ours."""
        for _ in range(PATIENCE):
            partner = self.partner
            if not partner or partner.is_done or arrived(partner):
                return
            if partner.backend and is_blocked(partner.backend):
                return
            time.sleep(STEP)
        raise TimeoutError("the other worker does not get anywhere")

    # What a kind of worker does at the two places.

    def begin(self, env):
        """Before the first statement of a transaction."""

    def end(self, env):
        """Before the commit of a transaction in which something was done."""


class InStep(Worker):
    """Each of its transactions overlaps with one of the other worker."""

    def end(self, env):
        env.cr.flush()
        self.commits += 1
        self.wait_for(lambda other: other.commits >= self.commits)


class Ahead(Worker):
    """Commits only when the other one has looked at what was there before."""

    def end(self, env):
        env.cr.flush()
        self.wait_for(lambda other: other.has_looked)
        self.commits += 1


class Behind(Worker):
    """Works on what the database held before the other worker's last commit."""

    def begin(self, env):
        env.cr.execute("SELECT FROM res_users LIMIT 1")
        seen = self.partner.commits
        self.has_looked = True
        self.wait_for(lambda other: other.commits > seen)
        self.has_looked = False
        # Counted before the commit itself: give it the time to happen.
        time.sleep(5 * STEP)


def lead(name, monkeypatch):
    """Let the workers on this database stop at the two places."""
    cron = Registry(name)["ir.cron"]
    do, commit = cron._stm_do, cron._commit_progress

    def led_do(self, work, left=None):
        worker, begun = threading.current_thread(), []

        def first_begin():
            if isinstance(worker, Worker) and not begun:
                begun.append(True)
                worker.begin(self.env)
            return work()

        return do(self, first_begin, left)

    def led_commit(self, processed=0, **options):
        worker = threading.current_thread()
        if isinstance(worker, Worker) and processed:
            worker.end(self.env)
        return commit(self, processed, **options)

    monkeypatch.setattr(cron, "_stm_do", led_do)
    monkeypatch.setattr(cron, "_commit_progress", led_commit)


def run_both(first, second):
    """Run two workers at once; raises what they died of."""
    first.partner, second.partner = second, first
    second.start()
    first.start()
    for worker in (first, second):
        worker.join(PATIENCE * STEP * 2)
        if worker.error:
            raise worker.error
        assert worker.is_done, "a worker hangs"


def run_alone(name, job):
    worker = Worker(name, job)
    worker.start()
    worker.join()
    if worker.error:
        raise worker.error


def run_and_kill(name, job, before, nth=1):
    """Run the job in a process that is killed right before or after its nth commit.

    :return: whether it got that far
    """
    child = os.fork()
    if not child:
        try:
            _die_at_commit(name, job, before, nth)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    for _ in range(PATIENCE):
        if not _others(name):
            break
        time.sleep(STEP)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _die_at_commit(name, job, before, nth):
    # The connections belong to the parent: kept, so that nobody says goodbye on them.
    _kept = sql_db._Pool
    sql_db._Pool = sql_db.ConnectionPool(8)
    registry = Registry(name)
    registry._db = sql_db.db_connect(name)
    commit, commits = registry["ir.cron"]._commit_progress, []

    def deadly_commit(self, processed=0, **options):
        if processed:
            commits.append(processed)
        here = processed and len(commits) == nth
        if here and before:
            self.env.cr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        result = commit(self, processed, **options)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    registry["ir.cron"]._commit_progress = deadly_commit
    with registry.cursor() as cr:
        job(api.Environment(cr, SUPERUSER_ID, {}))


def _others(name):
    """Sessions in the middle of a transaction: the killed one, until it is noticed."""
    return database.query(
        f"SELECT pid FROM pg_stat_activity WHERE state <> 'idle' AND datname = '{name}'"
    )


def is_blocked(backend):
    with sql_db.db_connect("postgres").cursor() as cr:
        cr.execute("SELECT CARDINALITY(pg_blocking_pids(%s)) > 0", [backend])
        return cr.fetchone()[0]
