.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# `make test PYTHON=python3.12` works in an environment of that version's own.
PYTHON ?=
VENV := .venv$(if $(PYTHON),-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null))
BIN := $(VENV)/bin
CODE := src tests tools benchmarks $(if $(wildcard examples/*.py),examples)
ROWS ?=

# What checks and builds the web client; its tests are left out where there is no npm.
WEB := $(if $(shell command -v npm),web/node_modules/.package-lock.json)

.PHONY: help setup run demo test test-all fmt lint types imports readme wheel docs vendors bench soak lock clean api sbom audit

help: ## List what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Make the environment; nothing to do when the lock has not changed
	@sh tools/bootstrap.sh "$(VENV)" "$(PYTHON)"

run: setup ## Run the whole platform on this machine until Ctrl-C
	@$(BIN)/quantloom up

demo: setup ## Show what Quantloom does, on packaged data
	@$(BIN)/quantloom demo

test: setup $(WEB) ## Run the tests on every core and hold the coverage floor
	$(BIN)/python -m pytest -n auto --dist worksteal --cov

test-all: ## Run the tests with each of Python 3.11, 3.12 and 3.13 that is here
	@sh tools/test_all.sh

fmt: setup ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/ruff format $(CODE)

lint: setup ## Look for faults, complexity over 10 and unformatted code
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: setup ## Check types, strictly
	$(BIN)/mypy $(CODE)

imports: setup ## Check who may import whom
	$(BIN)/lint-imports --no-logo

readme: setup ## Run the commands of both READMEs
	$(BIN)/python tools/check_readme.py

wheel: setup ## Build the wheel and run it outside the checkout
	$(BIN)/python tools/check_wheel.py

docs: ## Build the documentation as a site in site/, strictly
	@sh tools/bootstrap.sh .venv-docs "$(PYTHON)" requirements-docs.lock
	.venv-docs/bin/python tools/build_docs.py

vendors: setup ## Run the vendors' own packages against a stand-in for the web
	@sh tools/bootstrap.sh .venv-vendors "$(PYTHON)" requirements-vendors.lock
	$(BIN)/python -m pytest -m vendors tests/vendors

api: setup ## Write the API reference and the web client's types anew
	$(BIN)/python -m tools.api_files

web/node_modules/.package-lock.json: web/package-lock.json
	@cd web && npm ci --no-audit --no-fund --silent && touch node_modules/.package-lock.json

bench: setup ## Measure against the peers; ROWS=W1,W3a runs a part
	$(BIN)/python -m benchmarks $(if $(ROWS),--rows "$(ROWS)")

soak: setup ## Run every test with many more random examples, and the long proofs
	$(BIN)/python -m pytest -n auto --dist worksteal -m "" --hypothesis-profile=soak

LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --fork-strategy fewest --custom-compile-command "make lock"

sbom: setup ## Write a bill of materials of the lock to build/sbom.json, in CycloneDX
	@mkdir -p build
	$(BIN)/python tools/sbom.py > build/sbom.json

audit: ## Ask for known faults of the locked packages; needs uv and the internet
	uvx pip-audit --disable-pip --require-hashes --requirement requirements.lock

lock: ## Renew the locks (needs uv); UPGRADE=--upgrade takes newer versions
	$(LOCK) $(UPGRADE) pyproject.toml --extra all --group dev --output-file requirements.lock
	$(LOCK) $(UPGRADE) --group docs --output-file requirements-docs.lock
	$(LOCK) $(UPGRADE) --group vendors --output-file requirements-vendors.lock

clean: ## Remove caches and build products; environments and your data stay
	rm -rf build dist site .cache .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache benchmarks/results.json
	find $(CODE) -name __pycache__ -prune -exec rm -rf {} +
