# Two commands to know: make run, make test.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000

.PHONY: run test test-postgres slow fuzz harvest readers journeys conformance lint types floors check bench bench-search bench-http bench-harvest bench-form relevance docs clean

run: export CATALOGUE_PUBLIC_ADDRESS ?= http://127.0.0.1:$(PORT)/
run: $(VENV)/run
	@$(BIN)/python -m catalogue catalogue init
	@$(BIN)/python -m catalogue catalogue seed --if-empty
	@$(BIN)/python -m catalogue catalogue follow
	@echo "Serving on http://127.0.0.1:$(PORT)   (Ctrl-C ends it)"
	@$(BIN)/python -m catalogue catalogue worker & worker=$$!; \
	$(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --workers 1 --threads 8 --worker-class gthread \
		--access-logfile /dev/null --no-control-socket 'catalogue.app:serve()' & server=$$!; \
	trap 'trap "" INT TERM HUP; kill $$server $$worker 2>/dev/null; wait' EXIT; \
	trap 'exit 0' INT TERM HUP; \
	wait $$server

# Where there is Node, signing in elsewhere is tested against a real provider as well.
test: $(VENV)/test $(if $(shell command -v npm),node_modules)
	$(BIN)/pytest -n 2 -m "not browser and not harvest and not readers and not exhaustive and not slow and not fuzz"

# CATALOGUE_TEST_DATABASE=postgresql+psycopg://tester@localhost/postgres make test-postgres
test-postgres: $(VENV)/postgres  ## the same, and harvests, on a PostgreSQL that may make databases
	@test -n "$$CATALOGUE_TEST_DATABASE" || { echo "Name a server in CATALOGUE_TEST_DATABASE; see CONTRIBUTING.md"; exit 2; }
	$(BIN)/pytest -n 2 -m "not browser and not readers and not exhaustive and not slow and not fuzz"

journeys: $(VENV)/test node_modules  ## needs chromium: .ci/run installs it
	$(BIN)/pytest -m browser

fuzz: $(VENV)/test  ## ask the API everything its document allows, and what it does not
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-5} $(BIN)/pytest -n 2 tests/api/test_conformance.py

conformance: $(VENV)/test  ## every demonstration record under every profile, where the official shapes are
	$(BIN)/pytest -n 2 -m exhaustive tests/conformance

slow: $(VENV)/test  ## kill processes at any moment, wait for workers, load everything twice
	$(BIN)/pytest -n 2 -m "slow and not harvest and not browser and not exhaustive and not readers"

harvest: $(VENV)/test  ## harvest other sites, and another instance, from end to end
	$(BIN)/pytest -n 2 -m harvest

readers: $(VENV)/test .venv-readers/made  ## harvest a running catalogue with ckanext-dcat itself
	$(BIN)/pytest -n 2 -m readers tests/readers

.venv-readers/made: tests/readers/requirements.txt
	@echo "Installing readers of other portals …"
	@$(PYTHON) -m venv .venv-readers
	@.venv-readers/bin/python -m pip install --disable-pip-version-check --quiet \
		--no-deps --requirement tests/readers/requirements.txt
	@touch $@

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test
	$(BIN)/mypy

floors: $(VENV)/test
	$(BIN)/lint-imports

check: lint types floors test

bench: $(VENV)/test
	$(BIN)/python benchmarks/core.py

bench-search: $(VENV)/test
	$(BIN)/python benchmarks/search.py --baselines stock fts5

bench-http: $(VENV)/test
	$(BIN)/python benchmarks/serving.py

bench-harvest: $(VENV)/test
	$(BIN)/python benchmarks/harvesting.py

bench-form: $(VENV)/test  ## needs chromium
	$(BIN)/python benchmarks/registering.py
	$(BIN)/python benchmarks/describing.py

relevance: $(VENV)/test  ## how good the answers are; ARGS="--worst 20 --engine tantivy"
	$(BIN)/python tests/relevance $(ARGS)

docs: $(VENV)/run
	$(BIN)/python docs/generate.py

node_modules: package.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules

# The stamps make a second run start in seconds.
$(VENV)/bin/python:
	@echo "Setting up Python …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1,<27'

$(VENV)/run: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing what the catalogue needs …"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on \
		--constraint constraints.txt --editable .
	@touch $@

$(VENV)/test: $(VENV)/run
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet \
		--constraint constraints.txt --group test --group lint --editable '.[tantivy,oidc]'
	@touch $@

$(VENV)/postgres: $(VENV)/test
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet \
		--constraint constraints.txt --editable '.[postgres]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-readers node_modules instance .pytest_cache .mypy_cache .ruff_cache .hypothesis
