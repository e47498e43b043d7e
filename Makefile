# The list of commands. `make` alone prints it. Every target is one line on top of annotator/embedded/.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

# Variables a user may set: make up PORT=8001 DATA=other IMAGES=my/photos PYTHON=/usr/bin/python3.12
PORT ?= 8000
DATA ?= var
IMAGES ?=
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1 && echo $$p && break; done)
export PORT DATA IMAGES

VENV := .venv/bin
FOUND_PYTHON = $(or $(PYTHON),$(shell command -v python3))
SYSTEM = @test -n "$(FOUND_PYTHON)" || { echo "There is no Python here: install Python 3.11, 3.12 or 3.13, or name it with PYTHON=." >&2; exit 1; }; \
	exec $(FOUND_PYTHON) -m annotator.embedded
# Settings that let tools load Django's models without any server.
OFFLINE = JFA_SECRET_KEY=unused DATABASE_URL=postgresql:///unused REDIS_URL=redis://127.0.0.1/0
PY_PATHS = annotator jfa_pipeline tfn benchmarks tests

.PHONY: help setup up status test test-python test-frontend e2e lint format types contracts screenshots schema clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Variables: PORT=8000  DATA=var  IMAGES=folder  PYTHON=python3.12  (docs/operations/embedded.md)"

up: ## install what is missing, start everything, print the address and the log-ins; Ctrl-C stops it
	$(SYSTEM) up

status: ## one JSON line: database, redis, workers, images, faces, prelabelled
	@exec $(if $(wildcard $(VENV)/python),$(VENV)/python,$(or $(FOUND_PYTHON),python3)) -m annotator.embedded status

setup: ## the environment only: Python packages with the development tools and torch, and the front end
	$(SYSTEM) setup

test: setup ## every check: lint, types, contracts, Python, front end, browser
	@exec $(VENV)/python -m annotator.embedded verify

test-python: setup ## Python tests only
	@$(VENV)/python -m pytest

test-frontend: setup ## front-end lint, types and unit tests
	@cd frontend && npm run lint && npm run check && npm test

e2e: setup ## browser tests in a real Chromium against a server of their own
	@exec $(VENV)/python -m annotator.embedded e2e

screenshots: setup ## the README's pictures, taken by the browser tests
	@exec $(VENV)/python -m annotator.embedded screenshots

lint: setup ## ruff, and whether everything is formatted
	@$(VENV)/ruff check $(PY_PATHS) && $(VENV)/ruff format --check $(PY_PATHS)

format: setup ## format the Python files
	@$(VENV)/ruff check --fix-only -q $(PY_PATHS); $(VENV)/ruff format $(PY_PATHS)

types: setup ## mypy, strict
	@$(OFFLINE) $(VENV)/mypy

contracts: setup ## which package may import which
	@$(OFFLINE) $(VENV)/lint-imports

schema: setup ## write the OpenAPI schema and the front end's types from it
	@$(OFFLINE) $(VENV)/python manage.py spectacular --file frontend/src/api/schema.yaml && cd frontend && npm run -s api-types

clean: ## remove what can be made again; never DATA
	@rm -rf .venv frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info build
