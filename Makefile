# Everything a user and a developer type. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.setup-stamp
TRANSLATIONS := $(wildcard src/wangge/project/locale/*/LC_MESSAGES/*.po)
FRONT_END := $(wildcard web/*.json web/*.ts web/console/* web/field/* web/field/*/* web/field/*/*/*)
export PYTHONUTF8 = 1

SEEDS ?= 1000
.PHONY: help setup demo test check seeds bench replay messages browser clean
help: ## what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup: $(STAMP) ## the virtual environment .venv/ with everything in it

$(STAMP): pyproject.toml hatch_build.py $(TRANSLATIONS) $(FRONT_END)
	@command -v $(PYTHON) >/dev/null || { echo "Wangge needs Python 3.11 or newer; $(PYTHON) was not found. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Wangge needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V 2>&1`. Name a newer one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments. Install its venv package, for example: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@{ $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' && \
	   $(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev && \
	   $(BIN)/python hatch_build.py && \
	   $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .; } || \
	   { echo "The packages could not be installed, for the reason above. With a package index of your own: PIP_INDEX_URL=… make setup" >&2; exit 1; }
	@touch $(STAMP)

# The program ends with make, also when make is killed.
demo: setup ## the sample city on http://127.0.0.1:8000/, or the port in WANGGE_PORT; Ctrl-C stops it
	@exec $(BIN)/wangge --ends-with $$PPID demo start

replay: setup ## files the requests of a CSV in a demo of its own: make replay FILE=requests.csv
	@test -n "$(FILE)" || { echo "Name the file: make replay FILE=requests.csv" >&2; exit 1; }
	@exec $(BIN)/wangge --ends-with $$PPID demo replay --start "$(FILE)"

test: setup browser ## every test, the browser's too
	$(BIN)/python -m pytest -n 2 --dist loadgroup

browser: setup
	@$(BIN)/python tests/chromium.py

check: setup ## format, lint, types, imports, templates, scripts
	$(BIN)/ruff format --check src tests bench hatch_build.py manage.py
	$(BIN)/ruff check src tests bench hatch_build.py manage.py
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint src --quiet --lint
	$(BIN)/python hatch_build.py check

messages: setup ## collects the texts to translate; fails while Chinese is missing
	$(BIN)/python -m wangge.project.messages

seeds: setup ## a thousand stories of phones without a signal, proved: make seeds SEEDS=2000
	WANGGE_SEEDS=$(SEEDS) $(BIN)/python -m pytest tests/sync/test_protocol.py -n 2 --dist loadgroup -q -rP

bench: setup ## measures; one JSON line each
	@$(BIN)/python -m bench

clean: ## what was built; the data folder .data/ stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist build
