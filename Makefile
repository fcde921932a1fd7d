# Two commands: `make demo` and `make test`. Everything else is a step of theirs.

PYTHON ?= python3
PORT ?= 8000
PARKBRAIN_HOME ?= $(CURDIR)/var
BIN := .venv/bin
DIST := parkbrain/ui/static/dist/manifest.json
FRONTEND := $(shell find frontend/src -type f 2>/dev/null) frontend/package-lock.json frontend/vite.config.ts frontend/tsconfig.json
MESSAGES := $(wildcard parkbrain/locale/*/LC_MESSAGES/*.po) parkbrain/locale/zh_Hant.corrections.yaml
COMPILED := parkbrain/locale/zh_Hant/LC_MESSAGES/django.mo

export PORT PARKBRAIN_HOME

.PHONY: demo run test browser setup check bench client messages screenshots clean

demo: setup ## a living park and a city, at http://localhost:$(PORT)
	@$(BIN)/parkbrain demo --if-empty
	@exec $(BIN)/parkbrain run

run: setup ## start without loading the demo
	@exec $(BIN)/parkbrain run

setup: .venv/installed $(DIST) $(COMPILED)

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("ParkBrain needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DIST): $(FRONTEND)
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer" >&2; exit 1; }
	cd frontend && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

$(COMPILED): $(MESSAGES) | .venv/installed
	@PARKBRAIN_HOME=$(PARKBRAIN_HOME) $(BIN)/python -m parkbrain.config.messages compile

test: setup .venv/installed-tests browser ## everything, in a real browser too
	@$(BIN)/python -m tests.run

.venv/installed-tests: tests/requirements.lock .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	@touch $@

browser:
	@command -v chromium >/dev/null || sh tests/install_browser.sh

check: setup .venv/installed-tests ## linters, types, import contracts, without the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	cd frontend && npm run --silent check

bench: setup .venv/installed-tests ## measure, with peers in the same run; writes docs/performance.md
	for name in rating import pages; do $(BIN)/python -m benchmarks.$$name || exit 1; done

client: .venv/installed-tests ## a Python client of the API, generated from its OpenAPI document into build/client
	$(BIN)/parkbrain openapi build/openapi.json
	mkdir -p build/client
	$(BIN)/openapi-python-client generate --path build/openapi.json --config docs/guide/client.yaml --meta none --overwrite \
	  --output-path build/client/parkbrain_client

messages: .venv/installed-tests ## collect the texts of code and templates into the catalogues
	$(BIN)/python -m parkbrain.config.messages collect

screenshots: setup .venv/installed-tests ## the pictures of the docs
	$(BIN)/python -m docs.screenshots

clean: ## remove what was installed and built; data in var/ stay
	rm -rf .venv frontend/node_modules parkbrain/ui/static/dist parkbrain/locale/zh_Hant parkbrain/locale/*/LC_MESSAGES/*.mo
