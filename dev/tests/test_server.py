"""The pid file of the demo server is only believed when the process is ours."""

import os
import subprocess
import sys

import pytest
from workshop import config, server


@pytest.fixture(autouse=True)
def pid_file(monkeypatch, tmp_path):
    monkeypatch.setattr(server, "PID_FILE", tmp_path / "demo.pid")
    return tmp_path / "demo.pid"


@pytest.fixture
def process():
    """A process that was called with our configuration file, as the server is."""
    code = "import time; print('up', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, str(config.path())]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        yield running
        running.kill()


def test_nothing_runs_without_a_pid_file():
    assert server.running() is None


@pytest.mark.parametrize("text", ["", "not a number", "999999999"])
def test_useless_pid_file_is_ignored(pid_file, text):
    pid_file.write_text(text)
    assert server.running() is None


def test_process_of_somebody_else_is_left_alone(pid_file):
    pid_file.write_text(str(os.getpid()))
    server.stop()
    assert server.running() is None
    assert not pid_file.exists()


def test_our_process_is_stopped(pid_file, process):
    pid_file.write_text(str(process.pid))
    assert server.running() == process.pid
    server.stop()
    assert process.wait(5) != 0
