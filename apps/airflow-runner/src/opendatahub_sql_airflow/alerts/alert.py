"""One message for all that a run found, and no second one while nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from opendatahub_sql_airflow.alerts.problems import Kind, Problem

Language = Literal["fr", "en"]
_SHOWN = 10
_DETAIL = 300

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "failure": "Échecs",
        "quarantine": "Fichiers refusés (quarantaine)",
        "schema_change": "Schémas modifiés",
        "rejects": "Rejets au-dessus du seuil",
        "late": "Données en retard",
        "title": "{dag} : {count} problème(s)",
        "recovered": "{dag} : tout est rentré dans l'ordre",
        "more": "… et {count} de plus",
        "run": "Exécution",
    },
    "en": {
        "failure": "Failures",
        "quarantine": "Files refused (quarantine)",
        "schema_change": "Schema changes",
        "rejects": "Rejects over the threshold",
        "late": "Late data",
        "title": "{dag}: {count} problem(s)",
        "recovered": "{dag}: all is well again",
        "more": "… and {count} more",
        "run": "Run",
    },
}


@dataclass(frozen=True)
class Alert:
    """What is told: problems of one run, or, without any, that those of the runs before are gone."""

    dag_id: str
    run_id: str
    url: str
    problems: tuple[Problem, ...]

    def title(self, language: Language) -> str:
        """One line."""
        name = "title" if self.problems else "recovered"
        return _TEXTS[language][name].format(dag=self.dag_id, count=len(self.problems))

    def text(self, language: Language) -> str:
        """Problems by kind, at most ten each."""
        texts = _TEXTS[language]
        lines: list[str] = []
        for kind in Kind:
            found = sorted(one for one in self.problems if one.kind == kind.value)
            if not found:
                continue
            lines.append(f"{texts[kind.value]} ({len(found)})")
            lines += [f"• {one.subject}: {one.detail[:_DETAIL]}" for one in found[:_SHOWN]]
            if len(found) > _SHOWN:
                lines.append(texts["more"].format(count=len(found) - _SHOWN))
        lines.append(f"{texts['run']}: {self.url or self.run_id}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "schemaVersion": 1,
            "dagId": self.dag_id,
            "runId": self.run_id,
            "url": self.url,
            "problems": [{"kind": one.kind, "subject": one.subject, "detail": one.detail} for one in self.problems],
        }


@dataclass(frozen=True)
class Memory:
    """What was told last: keys of problems, and when (ISO, UTC)."""

    keys: frozenset[str]
    told_at: str

    @classmethod
    def from_json(cls, value: Any) -> Memory:
        """An empty memory when there is none."""
        if not isinstance(value, Mapping):
            return cls(frozenset(), "")
        return cls(frozenset(value.get("keys", [])), str(value.get("toldAt", "")))

    def as_json(self) -> dict[str, Any]:
        """The form that is kept."""
        return {"keys": sorted(self.keys), "toldAt": self.told_at}


def worth_telling(
    problems: Sequence[Problem], memory: Memory, now: datetime, remind_after: timedelta
) -> tuple[bool, Memory]:
    """Tell when something is new, when all is well again, and once more when a problem stays for long.

    Late data and lasting failures come back with every run: the same set is silent until `remind_after` has passed.
    """
    keys = frozenset(one.key for one in problems)
    is_due = bool(keys) and (not memory.told_at or now - datetime.fromisoformat(memory.told_at) >= remind_after)
    if keys - memory.keys or is_due or (memory.keys and not keys):
        return True, Memory(keys, now.isoformat())
    return False, Memory(keys, memory.told_at)


def distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """One problem for each key, in order."""
    return tuple({one.key: one for one in sorted(problems)}.values())
