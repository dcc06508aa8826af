# Everything runs in .venv, which the first target to need it sets up with venv and pip alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DIST := -n auto --dist markersteal

# Tests open the report's page in it. Where it can't be installed they skip, but not where CI is set.
BROWSER := chromium

# Tests start them as a server of databases and one for workers on other hosts, whose networks they
# lay with ip; as above. PostgreSQL comes as a wheel.
SERVERS := mariadbd sshd ip
SERVER_PACKAGES := mariadb-server-core mariadb-client-core openssh-server iproute2

.PHONY: help setup browser servers demo reference docs test test-parallel check quick-check matrix package bench bench-quick

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## Set up .venv, or reuse it

$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "missing: $(PYTHON) (or name another: make PYTHON=/path/to/python)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "missing: Python 3.10 or newer ($(PYTHON) is $$($(PYTHON) -V 2>&1))"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "missing: Python's venv and ensurepip (on Debian: apt install python3-venv)"; exit 1; }
	@command -v git >/dev/null || { echo "missing: git"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

browser: ## Install the browser of the tests, if it is missing and apt can
	@command -v $(BROWSER) >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	  { echo "installing $(BROWSER) ..."; apt-get -qq update && apt-get -qq install -y --no-install-recommends $(BROWSER) >/dev/null; } || \
	  echo "$(BROWSER) could not be installed: tests of the report's page can't run"

# With RUNLEVEL=1 no server is started that nobody asked for.
servers: ## Install the servers of the tests, if they are missing and apt can
	@PATH="$$PATH:/usr/sbin"; missing=; for name in $(SERVERS); do command -v $$name >/dev/null || missing=1; done; \
	  test -z "$$missing" || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	  { echo "installing $(SERVERS) ..."; apt-get -qq update && RUNLEVEL=1 apt-get -qq install -y --no-install-recommends $(SERVER_PACKAGES) >/dev/null; } || \
	  echo "$(SERVERS) could not be installed: tests with them can't run"

demo: $(READY) ## Run the example suite twice, cold and warm, and show what changed
	@$(BIN)/python examples/demo.py

reference: $(READY) ## Renew what docs/reference has from the code
	@PYTHONPATH=docs/_ext $(BIN)/python -m reference

docs: $(READY) ## Build the site into docs/_build, with warnings as errors
	@$(BIN)/sphinx-build --fresh-env --fail-on-warning --keep-going --quiet docs docs/_build
	@echo "docs/_build/index.html"

test: $(READY) browser servers ## Run all tests
	@$(BIN)/pytest $(DIST)

test-parallel: $(READY) browser servers ## Run all tests at -n 4, whatever the number of cores
	@$(BIN)/pytest -n 4 --dist markersteal

check: $(READY) ## Format, lint, types, layers, unit and property tests
	@$(BIN)/ruff format --check --quiet . || { echo "run $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@for system in win32 darwin; do $(BIN)/mypy --platform $$system --cache-dir .mypy_cache/$$system src || exit 1; done
	@$(BIN)/lint-imports
	@$(BIN)/pytest $(DIST) -q tests/unit tests/property

quick-check: $(READY) ## Lint and unit tests, in seconds
	@$(BIN)/ruff check --quiet .
	@$(BIN)/pytest -q tests/unit

matrix: $(READY) ## Test the wheel on all Pythons that are here, with the lowest and the newest versions
	@# With pyenv, all that it has and not only those that are chosen.
	@PYENV_VERSION="$$(pyenv versions --bare 2>/dev/null | paste -sd: -)" $(BIN)/nox -s matrix

package: $(READY) ## Build the package into dist/, check it, and run the demonstration with it alone
	@$(BIN)/nox -s demo

bench: $(READY) ## Run the full benchmark, several hours; writes docs/benchmarks.md
	@$(BIN)/python bench/benchmark.py

bench-quick: $(READY) ## Run a small benchmark; fails where markersteal is far slower than it should be
	@$(BIN)/python bench/benchmark.py --quick
