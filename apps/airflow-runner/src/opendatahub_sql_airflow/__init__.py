"""Airflow operators, Dags and alerts around the `odh` command."""

from __future__ import annotations

__version__ = "0.1.0"


def get_provider_info() -> dict[str, object]:
    """What Airflow asks of a provider package."""
    return {
        "package-name": "opendatahub-sql-airflow",
        "name": "OpenDataHub SQL",
        "description": "French public data, as SQL, with its history.",
        "versions": [__version__],
    }
