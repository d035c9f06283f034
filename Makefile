# Needs git, make, Python 3.11 and any Node from 20 on; the Node that runs everything (24) is a dependency of the workspace.
SHELL := /bin/bash
# npm finds the machine's settings (registry, certificates, proxy) beside the Node that runs it: it installs under the machine's own.
machine_path := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export NX_DAEMON := false
export NX_NO_CLOUD := true

.PHONY: help install build demo airflow airflow-lock test test-platform test-long bench
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: node_modules/.installed ## install what package-lock.json says, when it changed

# `npm ci` empties node_modules first, so an interrupted installation never leaves the stamp.
node_modules/.installed: package-lock.json
	@echo npm ci
	@PATH='$(machine_path)' npm ci --loglevel=error
	@touch $@

build: install ## build every package (dist/), from the cache where nothing changed
	nx run-many -t build

demo: build ## what this project does, end to end, on this machine
	@node scripts/demo.ts

airflow: build ## the reference deployment: a replica of the portal, Airflow and dbt, from the portal to gold
	@node scripts/airflow.ts

airflow-lock: ## resolve the Python packages of Airflow again
	@test -x .venvs/uv/bin/uv || { python3 -m venv .venvs/uv && .venvs/uv/bin/python -m pip install --quiet uv; }
	.venvs/uv/bin/uv pip compile --quiet apps/airflow-runner/requirements.in --upgrade --generate-hashes --python-version 3.11 --universal --no-emit-index-url --no-header --output-file apps/airflow-runner/requirements.txt

test: install ## every check and every test; at most 20 minutes on two cores
	@node scripts/test-lane.ts test

test-platform: install ## tests against other tools: pyiceberg, DuckDB for Python, an object store, dbt
	@node scripts/test-lane.ts platform

test-long: install ## the tests again, with many more runs of each property and hours of fuzzing
	@node scripts/test-lane.ts long

bench: build ## measure, compare with peers, check that the results are equal
	@node bench/run.ts
