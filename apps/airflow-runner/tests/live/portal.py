"""The replica of data.gouv.fr, as a process, and a hub beside it."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
NODE = str(ROOT / "node_modules/.bin/node")
SOURCES = "--conditions=@opendatahub-sql/source"
ODH = [NODE, SOURCES, str(ROOT / "packages/opendatahub-sql/src/odh.ts")]


class Portal:
    """`control` makes it change or misbehave."""

    def __init__(self, at: str = "2020-06-27") -> None:
        cli = ROOT / "packages/testkit/src/datagouv-cli.ts"
        self._process = subprocess.Popen(
            [NODE, SOURCES, str(cli), "--files", str(ROOT / "fixtures/corpus"), "--at", at],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = str(json.loads(self._process.stdout.readline())["url"])

    def control(self, **action: Any) -> None:
        """One action of `POST /__control`."""
        request = urllib.request.Request(f"{self.url}/__control", data=json.dumps(action).encode(), method="POST")
        urllib.request.urlopen(request, timeout=30).read()

    def resource(self, slug: str, n: int = 0) -> str:
        """The id of a resource of a dataset."""
        with urllib.request.urlopen(f"{self.url}/api/1/datasets/{slug}/", timeout=30) as answer:
            return str(json.load(answer)["resources"][n]["id"])

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def write_hub(folder: Path, portal: Portal, datasets: str) -> Path:
    """A configuration with a lake and a DuckDB file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    entry = ROOT / "packages/opendatahub-sql/src/index.ts"
    file = folder / "odh.config.ts"
    file.write_text(
        f"""import {{ datagouv, defineConfig, duckdb }} from {json.dumps(str(entry))}
export default defineConfig({{
  lake: "./lake",
  network: {{ allowPrivate: ["127.0.0.1"] }},
  sources: [datagouv({{ url: {json.dumps(portal.url)}, datasets: {datasets} }})],
  sinks: [duckdb({{ path: "./warehouse.duckdb" }})],
}})
"""
    )
    return file


def odh(folder: Path, *arguments: str) -> str:
    """What a command of odh prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ODH_")}
    ended = subprocess.run([*ODH, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{arguments}: {ended.stderr[-2000:]}"
    return ended.stdout


def pilots() -> str:
    """The datasets of the demo, as its script has them."""
    text = (ROOT / "scripts/pilots.ts").read_text()
    return text[text.index("`") + 1 : text.rindex("`")]
