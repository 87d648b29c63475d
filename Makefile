# make up         deploy the program of Pulumi.yaml to a Signals API on this machine; a second run changes nothing
# make preview    show what `make up` would do
# make refresh    find changes made outside the stack
# make down       take everything down
# make api        keep the local Signals API running, with its page at http://127.0.0.1:8642/; the others then use it
# make subscribe  receive what examples/04_direct_greeting pushes, while `make api` is running
# make reset      delete the local registry and every local stack: empty .signals, and touch nothing else
# make test-rules run the unit tests of the rules in examples/03_authoring
# make check      check formatting, lint, types and import contracts
# make check-fast check formatting and lint, as the pre-commit hook does
# make test       run every test, on the local engine and, if `pulumi` is on PATH, on the real one
# make soak       run every enumeration in full: each cut and kill, long histories, ten times the examples; takes an hour
# make snapshots  rewrite the texts that tests compare word for word, also in the README and docs; review them with `git diff`
# make parity     compare the local engine with the real one at length; needs `pulumi`
# make bench      measure rules, the commands that run before a merge, and the local engine beside the real one
#
# ENGINE=local    use the local engine even if `pulumi` is on PATH
# EXAMPLE=DIR     use another program, such as examples/01_hello
# PORT=N          use another port than 8642 for the local Signals API
# PYTHON=CMD      create the virtual environment with this Python (3.10 or later)

PYTHON ?= python3
EXAMPLE ?= .
PORT ?= 8642
BIN := .venv/bin
# One more than there are cores: many tests wait, for a process or for a limit of time.
WORKERS = $$(( $$($(BIN)/python -c 'import os; print(os.cpu_count() or 1)') + 1 ))
export EXAMPLE PORT ENGINE

.PHONY: up preview refresh down api subscribe reset test-rules check check-fast test soak snapshots parity bench

up preview refresh down api reset: .venv/installed
	@$(BIN)/python scripts/local.py $@

subscribe: .venv/installed-examples
	@$(BIN)/python scripts/local.py $@

test-rules: .venv/installed-examples
	@$(BIN)/python -m pytest --import-mode=prepend examples/03_authoring

check: check-fast
	$(BIN)/mypy
	$(BIN)/lint-imports

check-fast: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

test: .venv/installed-dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

soak: .venv/installed-dev
	SOAK=1 $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

snapshots: .venv/installed-dev
	$(BIN)/python -m pytest --update-snapshots tests/readme tests/deployments/test_snapshots.py
	$(BIN)/python tests/inputs/snapshot.py
	$(BIN)/python tests/support/api_verdicts.py

parity: .venv/installed-dev
	PYTHONPATH=tests/support $(BIN)/python tests/local/engine/run_parity.py $(ARGS)

bench: .venv/installed-dev
	$(BIN)/python bench/provider.py $(ARGS)
	$(BIN)/python bench/merge.py
	PYTHONPATH=tests/support $(BIN)/python bench/engine.py

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or later is needed; choose one with PYTHON=python3.12")'
	@$(PYTHON) scripts/install.py local
	@touch $@

.venv/installed-examples: .venv/installed
	@$(PYTHON) scripts/install.py local,examples
	@touch $@

.venv/installed-dev: .venv/installed
	@$(PYTHON) scripts/install.py local,dev
	@touch $@
