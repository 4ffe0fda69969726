"""Every upstream fault through a running dashboard; `make faults` prints the same as a table."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from tests.conftest import ROOT, find_free_port
from tests.faults import certificates
from tests.faults.canary import Search, new_key
from tests.faults.catalogue import BETTER, CASES, ELSEWHERE
from tests.faults.crowds import CROWDS
from tests.faults.dashboard_process import clean_environment, running_dashboard
from tests.faults.everything import Run, run_everything


@pytest.fixture(scope="module")
def run() -> Run:
    return run_everything(CASES, CROWDS, lambda outcome: None)


@pytest.mark.parametrize("case", [*CASES, *CROWDS])
def test_a_fault_costs_nothing_but_its_answer(run, case):
    if case not in run.outcomes:
        assert not certificates.available()
        pytest.skip("openssl, which makes the certificates, is not there")
    assert run.outcomes[case].faults == []


def test_no_slot_is_lost_and_neither_log_nor_disk_holds_a_key_or_content(run):
    assert run.faults == []


def test_every_case_of_the_shared_catalogue_is_here_with_its_status(shared):
    listed = json.loads((shared / "corpora" / "upstream_faults.json").read_text())
    ours = {case.id: case.status for case in CASES.values()} | ELSEWHERE
    wanted = {one["id"]: BETTER.get(one["id"], (one["dashboard_status"],))[0] for one in listed}
    assert len(wanted) > 100
    assert {case: ours.get(case) for case in wanted} == wanted


def refusal(key: str, folder) -> str:
    """What `serve` says when it does not start."""
    environment = {"OPENAI_API_KEY": key, "PORT": str(find_free_port()), "DASHBOARD_DATA_DIR": str(folder)}
    answer = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={**clean_environment(), **environment, "DJANGO_SETTINGS_MODULE": "dashboard.settings"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    return answer.stderr


@pytest.mark.parametrize("odd", ["—", "é", "\n", " ", "\x7f"])
def test_a_key_that_cannot_be_sent_stops_the_start_and_is_not_told(tmp_path, odd):
    key = f"{new_key(random.Random())}{odd}{new_key(random.Random())}"
    said = refusal(key, tmp_path)
    assert said == "OPENAI_API_KEY holds characters that cannot be sent in a header.\n"
    assert Search([key]).finds(said.encode()) == []


def test_without_a_key_there_is_demo_data_and_a_healthy_site(tmp_path):
    with running_dashboard(tmp_path, {}) as dashboard:
        assert dashboard.get("/healthz").status == 200
        answer = dashboard.get("/demo/completions/")
    assert answer.status == 200
    assert "Set OPENAI_API_KEY in the environment" in answer.text
