# Lifestage: everything a contributor does, one target each. Needs make and Python 3.11 or later, nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# Which Python makes the environment; the first that is found where none is named. One built with profile-guided
# optimisation, as distributions build theirs, runs a scorer a sixth faster: make .venv PYTHON=/usr/bin/python3.11
PYTHON :=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: .venv
.venv: .venv/.project ## make the environment alone

# Without the mark an earlier attempt was cut short: its folder cannot be trusted and is made anew.
.venv/.locked: requirements-dev.lock requirements-data.lock
	@set -e; python=; \
	if [ ! -e $@ ]; then \
	    for candidate in $(or $(PYTHON),python3.11 python3 python3.12 python3.13 python3.14 python); do \
	        if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	    done; \
	    if [ -z "$$python" ]; then echo "Lifestage needs Python 3.11 or later on the PATH; none was found$(if $(PYTHON), as $(PYTHON))." >&2; exit 1; fi; \
	    $$python -m venv --clear .venv || { \
	        echo "$$python could not make an environment; on Debian and Ubuntu install python3-venv." >&2; exit 1; }; \
	fi; \
	rm -f $@
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --require-hashes --no-deps -r requirements-data.lock
	@touch $@

.venv/.project: .venv/.locked pyproject.toml
	$(PIP) install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@

.PHONY: demo
demo: .venv ## a running system with a story to watch (ARGS=...)
	$(BIN)/lifestage demo $(ARGS)

.PHONY: test
test: .venv ## every test (ARGS=... goes to pytest)
	$(BIN)/python -m pytest $(ARGS)

.PHONY: check
check: .venv ## the quick checks: style, types, imports, concepts, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.concepts --check
	$(BIN)/python -m pytest tests/unit

.PHONY: concepts
concepts: .venv ## what computes, answers and tests each concept of the theory
	$(BIN)/python -m docs.concepts

.PHONY: bench
bench: .venv ## measure, each figure against a reference in the same run (ARGS=...)
	$(BIN)/python -m bench $(ARGS)

.PHONY: chaos
chaos: .venv ## break things under load and verify the invariants (ARGS=...)
	$(BIN)/python -m bench.chaos $(ARGS)

.PHONY: validity
validity: .venv ## how well alerts and predictions hold on purchases of your own (FILE=purchases.csv)
	$(BIN)/python -m bench.validity $(FILE) $(ARGS)

.PHONY: mutants
mutants: .venv ## whether the tests would notice mistakes in the domain (ARGS=...)
	$(BIN)/python -m tests.mutants $(ARGS)

.PHONY: ops-check
ops-check: .venv ## the checks of what operators use: rules, dashboards, manifests
	deploy/ops-check

.PHONY: lock
lock: .venv ## choose the dependencies' versions anew (ARGS=--upgrade)
	$(LOCK) $(ARGS) --output-file requirements.lock requirements.in
	$(LOCK) $(ARGS) --output-file requirements-dev.lock --constraint requirements.lock requirements-dev.in
	$(LOCK) $(ARGS) --output-file requirements-data.lock --no-deps requirements-data.in

.PHONY: clean
clean: ## remove what was made here, the environment included
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
