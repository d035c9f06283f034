"""The package as it is written and as it is published."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

APP = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "words",
    [["ruff", "check", "--no-cache"], ["ruff", "format", "--check", "--no-cache"], ["mypy", "--no-incremental"]],
)
def test_it_is_written_as_the_tools_want_it(words: list[str]) -> None:
    ended = subprocess.run([sys.executable, "-m", *words], cwd=APP, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_wheel_is_typed_and_a_provider(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    ended = subprocess.run(command, cwd=APP, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        assert "apache_airflow_provider" in files.read(entry).decode()
    assert "opendatahub_sql_airflow/py.typed" in names
    assert not any("tests" in name for name in names)
