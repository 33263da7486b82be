"""Debian packages: installed where allowed, or only unpacked into our own folder.

Odoo 19 is packaged in a suite that the machine does not have configured (it wants a
newer Python there). A private source list names that suite on the mirror which the
machine already uses; the machine's own configuration is neither read by name nor
changed."""

import shutil
import subprocess
from pathlib import Path

from .console import run_logged, step
from .host import as_root, user_name
from .paths import APT
from .problem import Problem

#: For each distribution: the suite and the component that hold Odoo 19, and the keys
#: that sign it.
SUITES = {
    "Debian": ("sid", "main", "/usr/share/keyrings/debian-archive-keyring.gpg"),
    "Ubuntu": ("devel", "universe", "/usr/share/keyrings/ubuntu-archive-keyring.gpg"),
}
NO_QUESTIONS = ["env", "DEBIAN_FRONTEND=noninteractive"]
NOT_DEBIAN = Problem(
    "this machine has no Debian or Ubuntu package mirror",
    "point ODOO_HOME at an Odoo 19 you have: `make setup ODOO_HOME=/path/to/odoo`",
)


def install(packages: list[str], purpose: str) -> None:
    """Install packages on the machine, or say how an administrator would."""
    root = as_root()
    if root is None or not shutil.which("apt-get"):
        raise Problem(
            f"{purpose} missing, and no right to install it",
            f"ask an administrator for `apt-get install {' '.join(packages)}`",
        )
    with step(f"Installing {purpose}"):
        apt_get = [*root, *NO_QUESTIONS, "apt-get"]
        run_logged([*apt_get, "update"], "apt-update")
        options = ["install", "-y", "--no-install-recommends"]
        run_logged([*apt_get, *options, *packages], f"apt-install-{packages[0]}")


def download(folder: Path, newer: list[str], usual: list[str]) -> list[Path]:
    """Download packages without installing them: `newer` from the suite of Odoo 19,
    `usual` from the machine's."""
    if not shutil.which("apt-get"):
        raise NOT_DEBIAN
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    usual_options = _private_options("usual")
    run_logged(["apt-get", *usual_options, "update"], "apt-update-usual")
    newer_options = _private_options("newer", _source_line(usual_options))
    run_logged(["apt-get", *newer_options, "update"], "apt-update-newer")
    run_logged(
        ["apt-get", *newer_options, "download", *newer],
        "apt-download-newer",
        cwd=folder,
    )
    run_logged(
        ["apt-get", *usual_options, "download", *usual],
        "apt-download-usual",
        cwd=folder,
    )
    return sorted(folder.glob("*.deb"))


def _private_options(name: str, source_line: str | None = None) -> list[str]:
    """Options that keep apt's state in our folder, so that it works for any user and
    changes nothing."""
    state = APT / name
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    settings = [
        f"Dir::State::Lists={state}/lists",
        f"Dir::Cache={state}/cache",
        "Acquire::Languages=none",
        f"APT::Sandbox::User={user_name()}",
    ]
    if source_line:
        source_list = state / "sources.list"
        source_list.write_text(source_line + "\n", encoding="utf-8")
        settings += [f"Dir::Etc::SourceList={source_list}", "Dir::Etc::SourceParts=-"]
    return [part for setting in settings for part in ("-o", setting)]


def _source_line(usual_options: list[str]) -> str:
    """The line that names the suite of Odoo 19 on the mirror the machine uses."""
    form = "$(ORIGIN)|$(REPO_URI)|$(CODENAME)"
    targets = subprocess.run(
        ["apt-get", *usual_options, "indextargets", "--format", form],
        capture_output=True,
        text=True,
    )
    return source_line(targets.stdout)


def source_line(targets: str) -> str:
    """The same, from what `apt-get indextargets` printed: lines of origin, address and
    code name.

    >>> source_line("Acme|http://acme/|stable\\nDebian|http://mirror/debian/|bookworm")
    'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \
http://mirror/debian/ sid main'
    """
    for line in targets.splitlines():
        origin, uri, codename = line.split("|")
        if origin in SUITES and not codename.endswith("-security"):
            suite, component, keys = SUITES[origin]
            return f"deb [signed-by={keys}] {uri} {suite} {component}"
    raise NOT_DEBIAN
