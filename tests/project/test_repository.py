"""What holds for the repository as a whole."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt", "requirements-uv.txt")
# In pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    ".".join(parts)
    for parts in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com")]
]


def committed_files():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_import_points_the_right_way(monkeypatch):
    monkeypatch.chdir(ROOT)

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_no_committed_file_names_a_package_registry():
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in committed_files()
        for host in REGISTRIES
        if host in path.read_text(encoding="utf-8", errors="replace")
    ]

    assert found == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_a_version_with_its_hashes(name):
    entries = (ROOT / name).read_text().replace("\\\n", " ").strip().splitlines()

    assert entries
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+", entry), entry


def test_the_locks_hold_every_dependency_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = [requirement_name(text) for text in project["project"]["dependencies"]]
    tools, measured = (
        [requirement_name(text) for text in project["dependency-groups"][name]] for name in ("dev", "bench")
    )

    assert set(runtime) <= locked("requirements.txt").keys()
    assert set(runtime + tools) <= locked("requirements-dev.txt").keys()
    assert set(runtime + measured) <= locked("requirements-bench.txt").keys()


def test_a_developer_runs_the_versions_that_the_product_runs():
    product, developer = locked("requirements.txt"), locked("requirements-dev.txt")

    assert {name: developer[name] for name in product} == product


def test_measurements_run_the_versions_that_the_product_runs():
    product, measured = locked("requirements.txt"), locked("requirements-bench.txt")

    assert {name: measured[name] for name in product} == product
    assert not {"pyjobshop", "matplotlib"} & (product | locked("requirements-dev.txt")).keys()


def requirement_name(text):
    return re.match(r"[A-Za-z0-9._-]+", text)[0].lower()


def locked(name):
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / name).read_text(), flags=re.MULTILINE))


def test_make_help_lists_every_command():
    listing = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    listed = set(re.findall(r"^  make (\S+)", listing, flags=re.MULTILINE))
    assert {"help", "setup", "demo", "test", "check", "bench", "serve", "worker", "fmt"} <= listed


def test_where_python_is_too_old_setup_says_how_to_get_one(tmp_path):
    # given a machine whose only Python is 3.9
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for tool in ("bash", "env", "cat"):
        (bin_folder / tool).symlink_to(shutil.which(tool))
    old = bin_folder / "python3"
    old.write_text("#!/bin/bash\nexit 1\n")
    old.chmod(0o755)

    # when
    found = subprocess.run(
        [str(ROOT / ".ci" / "find-python"), "--only-path"],
        env={"PATH": str(bin_folder), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    # then
    assert found.returncode == 1
    assert found.stdout == ""
    assert "needs Python 3.12 or newer" in found.stderr
    assert "apt-get install" in found.stderr


def test_setup_takes_the_python_that_is_named():
    found = subprocess.run(
        [str(ROOT / ".ci" / "find-python")],
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(found.stdout.strip()).samefile(sys.executable)


def test_the_committed_schema_is_the_one_of_the_source(tmp_path):
    written = tmp_path / "openapi.yaml"

    call_command("spectacular", file=str(written), validate=True, fail_on_warn=True)

    assert written.read_text() == (ROOT / "openapi.yaml").read_text(), "run `make schema`"


def test_setup_brings_the_roles():
    # logins are given one of these groups: a fresh database must have them
    printed = subprocess.run(["make", "-n", "setup"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "manage.py ensure_roles" in printed.stdout
