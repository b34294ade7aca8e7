# Everything a user and a developer type. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUTF8 = 1

.PHONY: help setup demo test check bench replay clean
help: ## what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup: .setup-stamp ## the virtual environment .venv/ with everything in it

.setup-stamp: pyproject.toml hatch_build.py
	@command -v $(PYTHON) >/dev/null || { echo "Wangge needs Python 3.11 or newer; $(PYTHON) was not found. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Wangge needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V 2>&1`. Name a newer one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments. Install its venv package, for example: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch .setup-stamp

test: setup ## every test
	$(BIN)/python -m pytest

check: setup ## format, lint, types
	$(BIN)/ruff check src tests hatch_build.py manage.py
	$(BIN)/mypy

clean: ## what was built; the data folder .data/ stays
	rm -rf .venv .setup-stamp .mypy_cache .ruff_cache .hypothesis dist build
