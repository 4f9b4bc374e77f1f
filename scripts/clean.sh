#!/bin/sh
# Removes what can be made again. Never var/: the database and the keys are there.
cd "$(dirname "$0")/.." || exit 1
rm -rf .venv bot/.venv .tools bot/models .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +
