# Two commands: `make demo` opens a meeting with a bot in it, `make test` runs every test.
# Both do all set-up in this folder: a virtual environment in .venv, npm packages in js/node_modules.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first interpreter that runs and is new enough; a name on the PATH may be a shim that does not run.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
LABEXTENSION := $(VENV)/share/jupyter/labextensions/meetwidget
BUNDLE := meetwidget/static/widget.js meetwidget/static/page.js meetwidget/labextension/package.json
JS_SOURCES := $(shell find js/src -type f 2>/dev/null) $(wildcard js/*.mjs js/*.json)
# Most of these wait for servers most of the time; lines, and browsers with pictures and sound, need the machine for themselves.
# A process whose Playwright has started can run no other event loop, so browsers have processes of their own.
# Only root can give each process a network of its own, without which they take each other's ports.
SIDES := $(shell [ "$$(id -u)" = 0 ] && echo 2 || echo 0)
QUIET := $(wildcard tests/browser/test_chat_*.py) $(addprefix tests/browser/test_,safety.py places.py join_options.py hub_page.py views.py hosts.py keyboard.py)
SIDE_BY_SIDE := $(addprefix tests/,wire unit simulation integration hub)
ALONE := $(addprefix tests/,network browser) $(addprefix --ignore=,$(QUIET))
export npm_config_update_notifier := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check bench wire build pictures system-packages test-js format clean

help: ## Says what can be made.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(PY):
	@test -n "$(PYTHON)" || { echo "meetwidget needs Python 3.11 or newer on the PATH." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

js/node_modules/.package-lock.json: js/package-lock.json
	@command -v npm >/dev/null || { echo "meetwidget needs Node.js 20 or newer, with npm, on the PATH." >&2; exit 1; }
	cd js && npm ci --no-audit --no-fund
	@touch $@

# One build makes all; `&:` says so to newer makes only, so the others hang on the widget.
meetwidget/static/widget.js: js/node_modules/.package-lock.json $(JS_SOURCES)
	cd js && npm run --silent build
	@touch $(BUNDLE)

meetwidget/static/page.js meetwidget/labextension/package.json: meetwidget/static/widget.js
	@test -e $@ || (cd js && npm run --silent build)
	@touch $@

# Jupyter reads labextensions from the environment only, and an editable install copies this one once.
$(VENV)/.labextension: meetwidget/labextension/package.json | $(PY)
	@rm -rf $(LABEXTENSION)
	@mkdir -p $(LABEXTENSION)
	@cp -R meetwidget/labextension/. $(LABEXTENSION)
	@touch $@

# Editable, so that changed Python is used at once; the bundle is made first, so that the build hook has nothing to do.
$(VENV)/.demo: pyproject.toml | $(PY) $(BUNDLE)
	$(PY) -m pip install --quiet --editable '.[demo]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(PY) $(BUNDLE)
	$(PY) -m pip install --quiet --editable '.[test]'
	@touch $@ $(VENV)/.demo

build: $(BUNDLE) $(if $(wildcard $(PY)),$(VENV)/.labextension) ## Builds the front end.

demo: $(BUNDLE) $(VENV)/.demo $(VENV)/.labextension ## Opens JupyterLab with a meeting and a bot in it.
	$(PY) -m meetwidget.demo --notebooks notebooks --workspace .cache/demo

system-packages:
	@bash tests/system-packages.sh

test: $(BUNDLE) $(VENV)/.test $(VENV)/.labextension system-packages ## Runs every test: wire, unit, integration, browser, in both languages.
	$(MAKE) --no-print-directory lint test-js
	@failed=0; \
		$(PY) -m pytest -n $(SIDES) --dist loadfile $(SIDE_BY_SIDE) || failed=1; \
		$(PY) -m pytest -n $(SIDES) --dist loadfile $(QUIET) || failed=1; \
		$(PY) -m pytest $(ALONE) || failed=1; \
		exit $$failed

check: $(BUNDLE) $(VENV)/.test lint ## Formatting, lint, types and the fast tests, in under a minute.
	cd js && npm run --silent test
	$(PY) -m pytest -q tests/wire tests/unit

.PHONY: lint
lint: $(VENV)/.test js/node_modules/.package-lock.json
	$(VENV)/bin/ruff format --check --quiet .
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/mypy
	$(PY) -m meetwidget.wire.schema --check js/src/wire/control.schema.json
	cd js && npm run --silent check

test-js: $(VENV)/.test js/node_modules/.package-lock.json
	cd js && npm run --silent test

format: $(VENV)/.test ## Formats and fixes what can be fixed by itself.
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	cd js && npm run --silent format

wire: $(VENV)/.test ## Generates JSON Schema and TypeScript types from meetwidget/wire.
	cd js && npm run --silent wire

bench: $(BUNDLE) $(VENV)/.test ## Measures relay and media against peers, and a hub; prints ratios.
	$(PY) -m tests.benchmarks
	$(PY) -m tests.benchmarks.bench_media
	$(PY) -m tests.benchmarks.bench_kernel
	$(PY) -m tests.benchmarks.bench_network
	$(PY) -m tests.benchmarks.bench_chat_browser
	$(PY) -m tests.benchmarks.bench_chat
	$(PY) -m tests.benchmarks.bench_hub

pictures: $(BUNDLE) $(VENV)/.test $(VENV)/.labextension system-packages ## Takes the README's pictures anew, from real meetings.
	$(PY) -m pytest -q tests/browser/test_pictures_for_people.py -k lesson
	mkdir -p docs/images
	cp test-results/screenshots/lesson-light.png docs/images/meeting-light.png
	cp test-results/screenshots/lesson-dark.png docs/images/meeting-dark.png

clean: ## Removes what was built and installed in this folder.
	rm -rf $(VENV) js/node_modules js/build meetwidget/static meetwidget/labextension dist build .cache
