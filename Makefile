# What can be done here. `make` alone prints the list.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

.PHONY: help run doctor test lint format e2e bench load faults conformance lock upgrade clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## serve the dashboard on http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(BIN)/python manage.py serve

doctor: .venv/run.stamp ## say what works with the configured API, and what does not
	@$(BIN)/python manage.py doctor

test: .venv/develop.stamp ## run every test, browser tests included, with coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: .venv/develop.stamp ## check style, types, architecture and templates
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(BIN)/djhtml --check --tabwidth 2 templates

format: .venv/develop.stamp ## rewrite code and templates in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	-find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +
	-$(BIN)/djhtml --tabwidth 2 templates

e2e: .venv/develop.stamp ## run the browser tests only
	$(BIN)/python -m pytest tests/browser

bench: .venv/develop.stamp ## measure pages beside the bare upstream: time, CPU, throughput, memory (BENCH_ONLY=list,load,… runs parts)
	$(BIN)/python -m benchmarks

load: .venv/develop.stamp ## hold the dashboard to its promises for an API that hangs, with 300 simulated people
	$(BIN)/python -m benchmarks.hang

faults: .venv/develop.stamp ## do to the dashboard all that an API can do to it, and print what it answers
	@$(BIN)/python -m tests.faults

conformance: export CONFORMANCE_BASE_URL = $(BASE_URL)
conformance: export CONFORMANCE_API_KEY = $(API_KEY)
conformance: .venv/develop.stamp ## hold a live server to the API (BASE_URL=… API_KEY=…)
	@test -n "$$CONFORMANCE_BASE_URL" || { echo "Say which server: make conformance BASE_URL=https://host/v1 API_KEY=…"; exit 1; }
	$(BIN)/python -m pytest tests/conformance

lock: .venv/develop.stamp ## write the locks again after a change of dependencies
	$(LOCK) pyproject.toml -o requirements/run.lock
	$(LOCK) pyproject.toml --group dev -c requirements/run.lock -o requirements/develop.lock

upgrade: LOCK += --upgrade
upgrade: lock ## write the locks again with the newest versions

clean: ## remove everything that the commands above have made, the data in var/ apart
	rm -rf .venv .coverage .coverage.* .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find dashboard tests -name __pycache__ -prune -exec rm -rf {} +

# Both locks fill the same environment: the develop lock contains the run lock, pin for pin.
.venv/%.stamp: requirements/%.lock | $(BIN)/python
	$(PIP) install --require-hashes -r $<
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON) here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: $$($(PYTHON) --version 2>&1) is too old (make PYTHON=… names another)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "The venv module of $(PYTHON) is missing: install it first (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv
