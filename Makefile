# Two commands for newcomers: `make demo` and `make test`. Everything else is in CONTRIBUTING.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

GODOT ?= godot

.PHONY: demo test audit bundle monitor godot-demo-picture clean

demo: $(VENV)/.runtime
	@$(BIN)/emotion-runtime demo $(ARGS)

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(ARGS)

# A folder that runs on a machine without Python: docs/shipping.md
bundle: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet -e '.[cpu,bundle,vmc,monitor]'
	$(BIN)/emotion-runtime bundle --output dist/sidecar $(ARGS)

# The live page of docs/monitor.md: built once, with node; the Python side works without it
PAGE := emotion_runtime/monitor/assets/page.js

monitor: $(PAGE)

$(PAGE): monitor/package-lock.json monitor/build.mjs $(wildcard monitor/src/*)
	@command -v npm > /dev/null || { echo "make monitor needs node 18 or newer with npm (Debian: apt install npm)" >&2; exit 1; }
	cd monitor && npm ci --no-audit --no-fund --silent && npm run --silent build
	@touch $@

# Known vulnerabilities of all that is installed: CONTRIBUTING.md. Exit code 3: some could not be looked up
audit: $(VENV)/.test
	@$(BIN)/python -m pip install --quiet 'pip-audit>=2.7' >&2
	@$(BIN)/python -m tests.audit $(ARGS)

# The picture in docs/godot.md; GODOT is a Godot 4 that can load OpenGL, beside it xvfb and xauth
godot-demo-picture: $(VENV)/.runtime
	SIDECAR=$(BIN)/emotion-runtime bash unity_bridge/godot/picture.sh $(GODOT) docs/godot-demo.png

$(VENV)/.python:
	@echo "making $(VENV)" >&2
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# what these say goes to standard error: `make demo ARGS=--json` is to print JSON and nothing else
$(VENV)/.runtime: $(VENV)/.python pyproject.toml
	@echo "installing the package into $(VENV)" >&2
	@$(BIN)/python -m pip install --quiet -e '.[cpu]' >&2
	@touch $@

$(VENV)/.test: $(VENV)/.runtime pyproject.toml
	@echo "installing what the tests need into $(VENV)" >&2
	@$(BIN)/python -m pip install --quiet -e '.[cpu,test]' >&2
	@touch $@

clean:
	rm -rf $(VENV) build dist monitor/node_modules emotion_runtime/monitor/assets
