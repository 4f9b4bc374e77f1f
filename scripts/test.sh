#!/bin/sh
# Sets up, checks, trains when needed, then runs all tests. `make test ARGS="-k routing"` narrows the tests.
cd "$(dirname "$0")/.." || exit 1
"${PYTHON:-python3}" scripts/setup.py --test || exit 1
checks=0
sh scripts/check.sh || checks=1
CHROMIUM=$(sh scripts/chromium.sh) || exit 1
export CHROMIUM
.venv/bin/python -m backend.supervisor train || exit 1
# shellcheck disable=SC2086
.venv/bin/python -m pytest ${ARGS:-} || exit 1
exit $checks
