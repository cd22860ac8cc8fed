# Everything that is done with this checkout. `make` alone says what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PYTEST_ARGUMENTS ?=
FUZZ_SECONDS ?= 60
LOSSLESS_ARGUMENTS ?=
LAB_ARGUMENTS ?=

.DEFAULT_GOAL := help
.PHONY: help demo lab lossless test large bench abuse fuzz lint format reference docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## a cluster in network namespaces comes up, carries packets, goes away; under a minute
	@$(BIN)/python -m lab demo

lab: $(VENV)/.installed ## the same cluster, kept running for you to play with
	@$(BIN)/python -m lab up $(LAB_ARGUMENTS)

lossless: $(VENV)/.installed ## the proof that no packet is lost, whatever happens to the control plane; some minutes
	@$(BIN)/python -m lab lossless $(LOSSLESS_ARGUMENTS)

test: lint ## lint, then every test, in a user namespace if you are not root
	@$(BIN)/python -m lab.userns $(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGUMENTS)

large: $(VENV)/.installed-dev ## a cluster of 5,000 nodes on every datastore, a new node 1,000 times; half an hour
	@$(BIN)/python -m lab.userns $(BIN)/python -m pytest tests -m large -rP $(PYTEST_ARGUMENTS)

bench: $(VENV)/.installed ## beside BIRD, FRR, OpenBGPD, GoBGP; SCENARIOS="S1 S3", BENCH_ARGUMENTS=--quick
	@$(BIN)/python -m benchmarks $(BENCH_ARGUMENTS) -- $(SCENARIOS)

lint: $(VENV)/.installed-dev ## style, types and the import contract
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/mypy -p lab -p fuzz
	@$(BIN)/lint-imports

abuse: $(VENV)/.installed-dev ## the long runs of what hostile peers can do; minutes
	@$(BIN)/python -m lab.userns $(BIN)/python -m pytest tests/abuse -m abuse $(PYTEST_ARGUMENTS)

fuzz: $(VENV)/.installed-fuzz ## a minute of coverage-guided fuzzing per target; FUZZ_SECONDS=3600 for longer
	@for target in messages sessions; do $(BIN)/python -m fuzz $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; done

format: $(VENV)/.installed-dev ## put the code into its form
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

docs: $(VENV)/.installed-docs ## the pages as a site, docs/_build/html, and as manuals, docs/_build/man
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@$(BIN)/sphinx-build -W --keep-going -q -b man docs docs/_build/man

docs/_build/man/%: $(wildcard docs/reference/*.md) docs/conf.py | $(VENV)/.installed-docs
	@$(BIN)/sphinx-build -q -b man docs docs/_build/man

reference: $(VENV)/.installed-dev ## write the pages of the documentation that are made from code
	@$(BIN)/python -m docs.generators

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "bgpd needs Python 3.11 or newer: install it, or name it (make PYTHON=python3.12 ...)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(INSTALL_VENV_MODULE)
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[lab]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: $(VENV)/.made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

$(VENV)/.installed-fuzz: $(VENV)/.made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@touch $@

include install.mk

# Debian parts the venv module from Python.
define INSTALL_VENV_MODULE
{ \
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
    echo "installing python3-venv"; \
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv; \
  else \
    echo "$(PYTHON) lacks the venv module; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; \
  fi; \
}
endef
