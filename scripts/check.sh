#!/bin/sh
# Every check runs, also after one failed, so that one run shows all there is to mend.
cd "$(dirname "$0")/.." || exit 1
failed=""
run() {
    echo "check: $*" >&2
    ".venv/bin/$@" || failed="$failed $1"
}
run ruff check .
run ruff format --check .
run mypy
run lint-imports
if [ -n "$failed" ]; then
    echo "check: not in order:$failed" >&2
    exit 1
fi
