# Driveline. `make help` lists what can be done.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
UV_COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.12
SOURCES := config inventory orders planning tests manage.py $(wildcard bench)
# Two processes suit two cores; more only where there are more.
TEST_PROCESSES ?= 2
ONCE ?=
ARGS ?=

.PHONY: help setup dev demo test check bench serve worker fmt format-check lint types contracts migrations-check \
	schema schema-check lock audit clean

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime .env ## Build the environment in .venv and bring the database up to date
	@echo "Bringing the database up to date ..."
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py ensure_roles > /dev/null
	@echo "Compiling what plans are made with (a minute or two the first time, then nothing) ..."
	@$(PY) -m planning.engine.warm

dev: setup $(VENV)/.dev ## The same, with the tools of a developer

demo: $(VENV)/.runtime ## Show the product: a factory, a plan, its dates and hires (ONCE=1 stops there)
	@$(PY) -m config.demo $(if $(ONCE),--once) $(ARGS)

test: dev ## Run every test (on DATABASE_URL and REDIS_URL, where set)
	@$(PY) -m pytest -n $(TEST_PROCESSES) --dist loadfile -m "not serial" $(ARGS)
	@$(PY) -m pytest -m serial $(ARGS) || test $$? = 5

check: dev format-check lint types contracts migrations-check schema-check test ## Everything that must hold before a change lands

bench: dev $(VENV)/.bench ## Measure what the product promises
	@$(PY) -m config.broker run $(PY) -m bench $(ARGS)

serve: setup ## Serve the admin and the API on localhost:8000
	@$(PY) -m config.broker run $(VENV)/bin/granian --interface wsgi --host 127.0.0.1 --port $${PORT:-8000} \
		--blocking-threads 4 --no-ws --access-log config.wsgi:application

worker: setup ## Build plans that are asked for
	@$(PY) -m config.broker run $(VENV)/bin/celery --app config worker --beat --queues solver \
		--concurrency 1 --loglevel info

fmt: dev ## Format the source
	@$(VENV)/bin/ruff format $(SOURCES)
	@$(VENV)/bin/ruff check --fix --quiet $(SOURCES)

format-check: dev
	@$(VENV)/bin/ruff format --check $(SOURCES)

lint: dev ## Look for mistakes
	@$(VENV)/bin/ruff check $(SOURCES)

types: dev ## Check the types, strictly
	@$(VENV)/bin/mypy

contracts: dev ## Check who imports whom
	@$(VENV)/bin/lint-imports

migrations-check: dev
	@$(PY) manage.py makemigrations --check --dry-run

schema: dev ## Write openapi.yaml from the source
	@$(PY) manage.py spectacular --validate --fail-on-warn --file openapi.yaml

schema-check: dev
	@$(PY) manage.py spectacular --validate --fail-on-warn --file var/openapi.yaml
	@diff -u openapi.yaml var/openapi.yaml || { echo "openapi.yaml is out of date: run 'make schema'."; exit 1; }

lock: dev ## Pin every dependency by hash, at its newest that fits
	@$(UV_COMPILE) --upgrade pyproject.toml --output-file requirements.txt
	@$(UV_COMPILE) --upgrade --constraint requirements.txt --group dev pyproject.toml --output-file requirements-dev.txt
	@$(UV_COMPILE) --upgrade --constraint requirements-dev.txt --group bench pyproject.toml --output-file requirements-bench.txt
	@echo uv | $(UV_COMPILE) --upgrade - --output-file requirements-uv.txt

audit: dev ## Look up known vulnerabilities of the dependencies
	@$(VENV)/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.txt

clean: ## Remove the environment, caches and everything in var/
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The environment -----------------------------------------------------------------------------
# Stamps: a lock that did not change is not installed again.

$(PY):
	@echo "Making the environment in $(VENV) ..."
	@python="$$(./.ci/find-python)" && "$$python" -m venv $(VENV)

$(UV): requirements-uv.txt | $(PY)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

$(VENV)/.runtime: requirements.txt $(UV)
	@echo "Installing what the product needs ..."
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the tools of a developer ..."
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev
	@echo "Installing what is measured against ..."
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-bench.txt
	@touch $@

.env: | $(PY)
	@umask 077 && printf 'DEBUG=on\nSECRET_KEY=%s\n' "$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(48))')" > $@
