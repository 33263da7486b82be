"""A command that fails says why in one line."""

import pytest
from workshop import console
from workshop.problem import Problem


@pytest.fixture(autouse=True)
def logs(monkeypatch, tmp_path):
    monkeypatch.setattr(console, "LOGS", tmp_path)
    return tmp_path


def fail_with(message: str) -> str:
    with pytest.raises(Problem) as caught:
        console.run_logged(["sh", "-c", f"echo '{message}'; exit 1"], "some-log")
    return str(caught.value)


@pytest.mark.parametrize(
    "message",
    [
        "Temporary failure resolving 'mirror'",
        "npm error code ENOTFOUND",
        "NewConnectionError: Failed to establish a new connection",
    ],
)
def test_missing_network_is_named(message):
    assert fail_with(message).startswith("sh could not reach the network -> check the")


def test_full_disk_is_named():
    assert fail_with("write error: No space left on device").startswith(
        "sh found the disk full -> free some space"
    )


def test_other_failures_show_the_end_of_the_log(capsys, logs):
    assert fail_with("something odd") == f"sh failed -> read {logs}/some-log.log"
    assert "something odd" in capsys.readouterr().err


def test_missing_program_points_to_set_up():
    with pytest.raises(Problem, match="make setup"):
        console.run_logged(["/no/such/program"], "some-log")


def test_steps_tell_how_they_ended(capsys):
    with console.step("Sowing"):
        pass
    with pytest.raises(ValueError), console.step("Reaping"):
        raise ValueError
    assert capsys.readouterr().out == "  Sowing ... 0 s\n  Reaping ... failed\n"
