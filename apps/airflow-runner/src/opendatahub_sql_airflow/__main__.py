"""`python -m opendatahub_sql_airflow pools MANIFEST`: the pools of a manifest, as `airflow pools import` takes them."""

from __future__ import annotations

import json
import sys

from opendatahub_sql_airflow.manifest import ManifestError, load_manifest


def main(arguments: list[str]) -> int:
    """The exit code: 64 for a mistake in the arguments, 78 for a manifest that cannot be used."""
    match arguments:
        case ["pools", file]:
            try:
                print(json.dumps(load_manifest(file).pools(), indent=2, ensure_ascii=False))
            except ManifestError as error:
                print(error, file=sys.stderr)
                return 78
            return 0
        case _:
            print(__doc__, file=sys.stderr)
            return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
