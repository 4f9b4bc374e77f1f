# Two commands are enough: `make run` and `make test`. Needs Python 3.11 or later and make; the rest is fetched.
# What is more than one line lives in scripts/.
PYTHON ?= python3
SETUP := $(PYTHON) scripts/setup.py
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run train test check bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Build both Python environments from their lock files (only what changed)
	@$(SETUP)

run: setup ## Start everything on this machine and watch it; Ctrl-C stops it
	@$(BIN)/helpline run

train: setup ## Train the bot when its texts or examples changed
	@$(BIN)/python -m backend.supervisor train

test: ## Run every check and every test: lint, types, imports, real Rasa, real browser, both databases
	@sh scripts/test.sh

check: ## Lint, format, types and the import contract
	@$(SETUP) --test --no-bot
	@sh scripts/check.sh

bench: ## Measure speed and memory beside a bare baseline
	@$(SETUP) --test
	@$(BIN)/python -m bench.run

lock: ## Write the three lock files again, with the newest versions that fit
	@$(SETUP) --lock

clean: ## Remove environments, tools, caches and trained models; var/ (database, keys, logs) stays
	@sh scripts/clean.sh
