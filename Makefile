# The front door. Every target sets up what it needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check faults bench lock migration stubs wheels images images-test clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## install everything into .venv

# torch first and by itself: asked for as a dependency it would bring its accelerator libraries along.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Modelyard needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

demo: $(READY) ## walk the whole chain on real input: pages to a live, answering model
	$(BIN)/modelyard demo $(ARGS)

up: $(READY) ## start the platform on this machine
	$(BIN)/modelyard up

check: $(READY) ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check ## check, then every test but those that build images
	$(BIN)/python -m tests.needs
	$(BIN)/python -m pytest $(ARGS)

faults: $(READY) ## the whole fault matrix, and a table of what it saw
	$(BIN)/python -m tests.faults.matrix $(ARGS)

bench: $(READY) ## side-by-side measurements, ratios in one run
	$(BIN)/python -m bench $(ARGS)

lock: ## pin the newest versions the ranges in pyproject.toml admit
	$(PYTHON) -m venv --clear $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet torch==2.13.0
	$(VENV)-lock/bin/python -m pip install --quiet '.[dev]'
	$(VENV)-lock/bin/python -m pip freeze | grep -v '^modelyard' | sed 's/+cpu//' > requirements.lock
	rm -rf $(VENV)-lock

migration: $(READY) ## draft the next migration: make migration service=model number=0002 message=why
	$(BIN)/python -m libs.common.store.migrations.draft $(service) $(number) "$(message)"

stubs: $(READY) ## write the type stubs of the contract
	$(BIN)/python -m libs.common.contract.stubs

wheels: $(READY) ## fetch the packages images are built from into docker/wheels
	PYTHON=$(BIN)/python docker/build wheels

images: $(READY) ## build the images on the Docker engine of DOCKER_HOST; BASE=… to name the base
	PYTHON=$(BIN)/python docker/build

images-test: $(READY) ## build the images and run the whole chain in containers; the first build takes minutes
	$(BIN)/python -m tests.needs images
	$(BIN)/python -m pytest -m images tests/images $(ARGS)

clean: ## remove what was built here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
