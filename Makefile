# The front door. Every target sets up what it needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONSOLE := gateway/static/index.html
NODE_MODULES := console/node_modules/.package-lock.json
# Node comes from PyPI into .venv: nothing else of this machine is used.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix console

.DEFAULT_GOAL := help
.PHONY: help setup console console-api assets demo up test quick check faults bench lock migration contract wheels images images-test clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) assets ## install everything into .venv, build the console

# torch first and by itself: asked for as a dependency it would bring its accelerator libraries along.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Modelyard needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

console: $(CONSOLE) ## build the console into gateway/static, when its sources changed

$(NODE_MODULES): console/package.json console/package-lock.json | $(READY)
	$(NPM) ci --silent --fetch-retries=1 --fetch-timeout=60000
	@touch $@

$(CONSOLE): $(NODE_MODULES) console/index.html console/tsconfig.json console/vite.config.ts $(shell find console/src -type f)
	$(NPM) run --silent build -- --logLevel warn

console-api: $(NODE_MODULES) ## write the console's typed client anew, after a change of routes or of the contract
	@mkdir -p build
	$(BIN)/python -m gateway.document > build/openapi.json
	sha256sum < build/openapi.json | cut -c1-64 > console/src/api/schema.sha256
	$(NPM) run --silent api -- ../build/openapi.json

# Where the console cannot be built everything else still works, and the gateway says so on /.
assets: | $(READY)
	@$(MAKE) --no-print-directory console || echo "note: the console was not built; everything else works. Try again: make console" >&2

demo: $(READY) assets ## walk the whole chain on real input: pages to a live, answering model
	$(BIN)/modelyard demo $(ARGS)

up: $(READY) assets ## start the platform on this machine
	$(BIN)/modelyard up

check: $(READY) ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Each process starts a platform and a database of its own, so their number is bounded.
test: check assets ## check, then every test but those that build images, on up to four cores
	$(BIN)/python -m tests.needs
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

quick: check ## check, then the tests of units and contract that start no server, on all cores: minutes, for every change
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not servers and not slow and not images" tests/unit tests/contract $(ARGS)

faults: $(READY) ## the whole fault matrix, and a table of what it saw
	$(BIN)/python -m tests.faults.matrix $(ARGS)

bench: $(READY) ## side-by-side measurements, ratios in one run
	$(BIN)/python -m tests.needs bench
	$(BIN)/python -m bench $(ARGS)

lock: ## pin the newest versions the ranges in pyproject.toml admit
	$(PYTHON) -m venv --clear $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet torch==2.13.0
	$(VENV)-lock/bin/python -m pip install --quiet '.[dev]'
	$(VENV)-lock/bin/python -m pip freeze | grep -v '^modelyard' | sed 's/+cpu//' > requirements.lock
	rm -rf $(VENV)-lock

migration: $(READY) ## draft the next migration: make migration service=model number=0002 message=why (service=platform: the tables every service has)
	$(BIN)/python -m libs.common.store.migrations.draft $(service) $(number) "$(message)"

contract: $(READY) ## write what is generated from idl/: stubs, enumerations, typed peers, SDK calls, reference, the console's client
	$(BIN)/python -m libs.common.contract
	$(MAKE) --no-print-directory console-api

wheels: $(READY) ## fetch the packages images are built from into docker/wheels
	PYTHON=$(BIN)/python docker/build wheels

images: $(READY) ## build the images on the Docker engine of DOCKER_HOST; BASE=… to name the base
	PYTHON=$(BIN)/python docker/build

images-test: $(READY) ## build the images and run the whole chain in containers; the first build takes minutes
	$(BIN)/python -m tests.needs images
	$(BIN)/python -m pytest -m images tests/images $(ARGS)

clean: ## remove what was built here
	rm -rf $(VENV) console/node_modules gateway/static build dist .mypy_cache .ruff_cache .pytest_cache
