# What one does with this checkout. Every target first sets up what is missing (deploy/local/setup.sh).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PACKAGES := $(patsubst %/pyproject.toml,%,$(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml))
WORKERS ?= 2
TESTS ?= tests

.PHONY: help setup demo run stop status parked redrive republish tell test test-ledger test-long check format bench bench-population documents release-documents lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: .venv, RabbitMQ, nginx
	@deploy/local/setup.sh

demo: setup ## start everything, walk the main job, stop everything
	@$(BIN)/python -m cec_local demo

run: setup ## start everything and stay up until Ctrl-C
	@$(BIN)/python -m cec_local run

stop: setup ## stop what `make run` started in this checkout
	@$(BIN)/python -m cec_local stop

status: setup ## say what runs in this checkout
	@$(BIN)/python -m cec_local status || [ $$? = 3 ] # 3: nothing runs, which is an answer and no failure

parked: setup ## list the parked messages of a service: SERVICE=credits [DO="--reason handler-failed"]
	@$(BIN)/python -m cec_local tell "$(SERVICE)" parked $(DO)

redrive: setup ## give them to the service again: SERVICE=credits [DO="ID …", default --all]
	@$(BIN)/python -m cec_local tell "$(SERVICE)" redrive $(or $(DO),--all)

republish: setup ## send kept events once more: SERVICE=<publisher> TO=<consumer> [DO="--type … --since …"]
	@$(BIN)/python -m cec_local tell "$(SERVICE)" republish --to "$(TO)" $(DO)

tell: setup ## any other command to a service of the stack that runs: SERVICE=credits DO="recalculate --all"
	@$(BIN)/python -m cec_local tell "$(SERVICE)" $(DO)

test: setup ## all tests, on real PostgreSQL and RabbitMQ
	$(BIN)/pytest -n $(WORKERS) --dist loadscope $(TESTS)

test-ledger: setup ## 100,000 random ledgers in which counted + lost must be raw (about half an hour of one core)
	CEC_EXAMPLES=100000 $(BIN)/pytest -q -s --timeout 7200 tests/unit/credits/test_properties.py -k counted_and_lost

test-long: setup ## all tests, the random ones with many more examples
	HYPOTHESIS_PROFILE=long $(BIN)/pytest -n $(WORKERS) --dist loadscope --timeout 3600 $(TESTS)

check: setup ## lint, format, types, import rules, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy libs services deploy tests
	$(BIN)/lint-imports
	@for package in $(PACKAGES); do echo "deptry $$package"; (cd $$package && $(CURDIR)/$(BIN)/deptry .); done

format: setup ## put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure (table and JSON)
	@$(BIN)/python -m tests.load.bench

bench-population: setup ## measure the whole population: 10,000 and 100,000 practitioners (some minutes)
	@$(BIN)/python -m tests.load.bench population

documents: setup ## write docs/api anew from the code
	@$(BIN)/python -m deploy.documents

release-documents: setup ## take the present API documents as the promise that later ones are held to
	@$(BIN)/python -m deploy.documents --release

lock: ## requirements.in -> requirements.txt, with hashes and without addresses
	@$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --allow-unsafe -o requirements.txt requirements.in

clean: ## stop what runs here; remove data, logs and caches
	-@[ ! -x $(BIN)/python ] || $(BIN)/python -m cec_local stop
	rm -rf .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench-results
