"""`manage.py doctor`: what works with each project and what does not, on a terminal or as JSON."""

import json
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.doctor.examination import examine
from dashboard.doctor.findings import Finding
from dashboard.projects import Project, all_projects

WIDEST = 110
COLUMN = 34
"""Where the words begin."""
INTERRUPTED = 130


class Command(BaseCommand):
    help = "Try each project with a few reading calls, and say in plain words what works and what does not."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("projects", nargs="*", metavar="PROJECT", help="only these projects (default: all)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document instead")

    def handle(self, *, projects: Sequence[str], as_json: bool, **options: Any) -> None:
        """Ends with status 1 where a project has a fault, 2 for an unknown project, 130 when interrupted."""
        try:
            chosen = _chosen(projects)
            faults = self._as_json(chosen) if as_json else sum(self._as_text(project) for project in chosen)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted: nothing more is asked.")
            sys.exit(INTERRUPTED)
        if faults:
            sys.exit(1)

    def _as_text(self, project: Project) -> int:
        """Prints each finding as soon as it is there; the answer is the number of faults."""
        self._print(f"Project {project.name}\n")
        counts = Counter[str]()
        for finding in examine(project):
            counts[finding.outcome] += 1
            self._print("\n".join(_lines(finding)))
        self._print(f"\n{project.name}: {_summary(counts)}\n")
        return counts["fault"]

    def _as_json(self, projects: Sequence[Project]) -> int:
        found = {project.name: list(examine(project)) for project in projects}
        documents = [
            {"project": name, "fault": _faults(findings) > 0, "findings": [asdict(one) for one in findings]}
            for name, findings in found.items()
        ]
        self._print(json.dumps({"projects": documents}, indent=2))
        return sum(_faults(findings) for findings in found.values())

    def _print(self, text: str) -> None:
        """What the terminal has no letter for is written as its number."""
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        self.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n", ending="")
        self.stdout.flush()


def _chosen(names: Sequence[str]) -> list[Project]:
    known = all_projects()
    for name in names:
        if name not in known:
            raise CommandError(f"There is no such project. There is: {', '.join(known)}.", returncode=2)
    return [project for project in known.values() if not names or project.name in names]


def _lines(finding: Finding) -> Iterator[str]:
    """Outcome, check, milliseconds and words side by side; below the words what to do, and whom to name it to."""
    ms = "" if finding.ms is None else f"{finding.ms} ms"
    begin = f"{finding.outcome:8}{finding.check:16}{ms:>8}  "
    yield from _wrapped(finding.words, begin)
    if finding.advice:
        yield from _wrapped(f"→ {finding.advice}", " " * COLUMN)
    if finding.request_id and finding.outcome in {"note", "fault"}:
        yield from _wrapped(f"Request id: {finding.request_id}", " " * COLUMN)


def _wrapped(text: str, begin: str) -> list[str]:
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return textwrap.wrap(
        text,
        max(width, COLUMN + 30),
        initial_indent=begin,
        subsequent_indent=" " * COLUMN,
        break_on_hyphens=False,
    )


def _summary(counts: Counter[str]) -> str:
    words = {"ok": "ok", "note": "notes", "fault": "faults", "skipped": "skipped"}
    return ", ".join(f"{counts[outcome]} {word}" for outcome, word in words.items())


def _faults(findings: Sequence[Finding]) -> int:
    return sum(finding.outcome == "fault" for finding in findings)
