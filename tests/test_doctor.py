"""`manage.py doctor`, as a process of its own: before `serve` ever ran, interrupted, misconfigured."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.doctor.conftest import Api, rows
from tests.stub_upstream import running
from tests.upstream.fault_server import FaultServer, silent

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"


def started(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    data = {"DASHBOARD_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dashboard.settings", "COLUMNS": "100"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "doctor", *arguments],
        cwd=ROOT,
        env={**os.environ, **data, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Status, output and errors."""
    with started(folder, *arguments, **environment) as process:
        output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


def test_the_demo_is_healthy_and_needs_no_database(tmp_path):
    status, output, errors = ended(tmp_path)
    assert (status, errors) == (0, "")
    assert output.startswith("Project demo\n\nok      address")
    assert "demo: 13 ok, 0 notes, 0 faults, 0 skipped" in output
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_the_same_findings_come_as_json(tmp_path):
    status, output, errors = ended(tmp_path, "demo", "--json")
    (project,) = json.loads(output)["projects"]
    assert (status, errors, project["project"], project["fault"]) == (0, "", "demo", False)
    assert {finding["outcome"] for finding in project["findings"]} == {"ok"}
    (listed,) = [finding for finding in project["findings"] if finding["check"] == "list"]
    assert listed | {"ms": 0} == {
        "check": "list",
        "outcome": "ok",
        "words": "It came with 20 rows, and says that there are more.",
        "advice": "",
        "ms": 0,
        "request_id": listed["request_id"],
    }


def test_a_project_with_a_fault_ends_it_with_status_1(tmp_path):
    with running() as healthy, running() as sick:
        healthy.answer = Api(rows(30))
        sick.fails(401, {"error": {"message": "Who?", "code": "invalid_api_key"}})
        environment = {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": healthy.base_url,
            "DASHBOARD_PROJECTS": "stage",
            "STAGE_OPENAI_API_KEY": KEY,
            "STAGE_OPENAI_BASE_URL": sick.base_url,
        }
        status, output, errors = ended(tmp_path, **environment)
        assert (status, errors) == (1, "")
        assert output.index("Project default\n") < output.index("Project stage\n")
        assert "default: 16 ok, 0 notes, 0 faults, 0 skipped" in output
        assert "stage: 5 ok, 0 notes, 1 faults, 10 skipped" in output
        assert KEY[:8] not in output
        before = len(sick.asked)
        assert ended(tmp_path, "default", **environment)[0] == 0
        assert len(sick.asked) == before


def test_an_unknown_project_is_named_as_such(tmp_path):
    status, output, errors = ended(tmp_path, "nope")
    assert (status, output) == (2, "")
    assert errors == "CommandError: There is no such project. There is: demo.\n"


@pytest.mark.parametrize(
    ("variable", "value"), [("OPENAI_BASE_URL", "api.example"), ("DASHBOARD_DATA_DIR", "/dev/null/data")]
)
def test_a_malformed_setting_stops_it_with_one_sentence(tmp_path, variable, value):
    status, output, errors = ended(tmp_path, OPENAI_API_KEY=KEY, **{variable: value})
    assert (status, output) == (1, "")
    assert errors.startswith(f"{variable} ")
    assert errors.count("\n") == 1


def test_an_interrupt_ends_it_in_the_middle_of_a_call(tmp_path):
    with FaultServer() as server:
        server.behave = silent
        with started(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url) as process:
            assert process.stdout is not None
            while not process.stdout.readline().startswith("ok      certificates"):
                pass
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=5)
    assert (process.returncode, output, errors) == (130, "", "Interrupted: nothing more is asked.\n")


def test_a_terminal_of_few_letters_gets_numbers_instead(tmp_path):
    with running() as upstream:
        upstream.fails(500, {"error": {"message": "Störung ✓"}})
        environment = {"PYTHONIOENCODING": "ascii", "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": upstream.base_url}
        status, output, errors = ended(tmp_path, **environment)
    assert (status, errors) == (1, "")
    assert "St\\xf6rung \\u2713" in " ".join(output.split())
