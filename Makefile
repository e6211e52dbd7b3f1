# Two commands matter: `make demo` and `make test`. Every other one is named below; `make help` lists them.
PYTHON := .venv/bin/python
PACKAGES := libs/contracts libs/chassis deploy/local $(wildcard services/*)
CHECKED := libs services deploy/local tests

.PHONY: help setup demo run test test-long check bench documents release-documents lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 22

setup: ## install whatever is missing (virtual environment, RabbitMQ, nginx); quick when nothing is
	@bash deploy/local/setup.sh

demo: setup ## start everything, walk the main job, print what happened, stop everything
	@$(PYTHON) -m cec_local demo

run: setup ## start everything and stay up until Ctrl-C; prints addresses and demo accounts
	@$(PYTHON) -m cec_local run

test: setup ## all tests, against real PostgreSQL and RabbitMQ
	@$(PYTHON) -m pytest -n 2 --dist loadscope

test-long: setup ## the same with many more generated examples
	@HYPOTHESIS_PROFILE=long $(PYTHON) -m pytest -n 2 --dist loadscope --timeout 3600

check: setup ## style, types, import rules, declared dependencies
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy $(CHECKED)
	@.venv/bin/lint-imports
	@for package in $(PACKAGES); do (cd $$package && ../../.venv/bin/deptry . ) || exit 1; done

bench: setup ## measure; prints a table, writes bench-results/*.json
	@$(PYTHON) -m tests.load.bench

documents: setup ## write docs/api anew from the code
	@$(PYTHON) -m cec_local.documents

release-documents: documents ## take the present API documents as the promise that later ones are held to
	@$(PYTHON) -m cec_local.documents --release

lock: ## pin every dependency anew, by version and hash
	@.venv/bin/pip install -q pip-tools
	@.venv/bin/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --no-header --allow-unsafe -o requirements.txt requirements.in

clean: ## forget the local servers' data and the virtual environment
	@rm -rf .local .venv .mypy_cache .ruff_cache .pytest_cache
