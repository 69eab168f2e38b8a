# The house's verbs. Each works on a machine that has only Python 3.11 and make: the first one fills .venv,
# the second does nothing until pyproject.toml changes.

PYTHON ?= python3
ONLY ?=
SOAK_S ?= 300
CLIPS ?= 200
FUZZ_S ?= 120
AXE := 4.14.1

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
BROWSER := $(VENV)/.browser
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test check bench torture hub-torture soak page api-fuzz fix clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME)  ## the main job end to end on this machine alone, under 3 minutes
	@$(BIN)/pipeline demo

test: $(DEV)  ## every test (ARGS="-k name" narrows)
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

check: $(DEV)  ## lint, format, types, layers, documents
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/check_docs.py

bench: $(DEV)  ## measure, write build/bench.json (ONLY="scan upload" narrows)
	$(BIN)/python tests/bench $(ONLY)

torture: KILLS ?= 50
torture: $(DEV)  ## SIGKILL a run at random moments (KILLS=50)
	$(BIN)/python tests/journeys/torture.py --kills $(KILLS)

hub-torture: KILLS ?= 50
hub-torture: $(DEV)  ## SIGKILL a MasterLockit hub and its client at random moments (KILLS=50)
	$(BIN)/python tests/journeys/hub_torture.py --kills $(KILLS)

soak: KILLS ?= 20
soak: $(DEV)  ## a bad day for Frame.io: every trouble at random (SOAK_S=300 KILLS=20 CLIPS=200)
	$(BIN)/python tests/journeys/soak.py --seconds $(SOAK_S) --kills $(KILLS) --clips $(CLIPS)

page: $(BROWSER) build/page/axe.min.js  ## the page in a real browser, with screenshots in build/page
	PAGE_SHOTS=1 $(BIN)/python -m pytest tests/browser $(ARGS)

api-fuzz: $(DEV)  ## schemathesis against the API of a run (FUZZ_S=120)
	$(BIN)/python tests/journeys/api_fuzz.py --seconds $(FUZZ_S)

fix: $(DEV)  ## format, apply ruff's safe fixes, write the authors' reference
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format
	$(BIN)/python tests/plugin_reference.py --write

clean:  ## as after a fresh clone
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is not Python 3.11 or later: name one, as in make PYTHON=python3.11" >&2; exit 1; }
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --editable .
	@touch $@

$(DEV): $(RUNTIME)
	@echo "adding the tools of development (once)"
	@$(PIP) install --group dev
	@touch $@

$(BROWSER): $(DEV)
	@echo "adding playwright, and Debian's chromium where there is none (once)"
	@$(PIP) install --group browser
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; }
	@touch $@

# Without the registry the tests say that axe-core is not there.
build/page/axe.min.js:
	@mkdir -p $(@D)
	-@$(BIN)/python tests/fetch_axe.py $(AXE) $@
