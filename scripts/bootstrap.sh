#!/usr/bin/env bash
# Makes .venv with everything that the project needs, from the two hashed locks. Run by `make`; quick and
# offline when nothing has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

supported='import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
python=""
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$supported" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "error: Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, or name it: make PYTHON=/path/to/python3.12" >&2
    exit 2
fi

if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c "$supported" 2>/dev/null; then
    echo "Making .venv with $("$python" --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        # Debian's python3 comes without ensurepip; its pip, where there is one, can fill the environment.
        rm -rf .venv
        if ! { "$python" -m venv --without-pip .venv && "$python" -m pip --version >/dev/null 2>&1; }; then
            rm -rf .venv
            echo "error: $python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2
            exit 2
        fi
    fi
fi

if ! [ -x .venv/bin/uv ]; then
    echo "Fetching uv"
    pip=(.venv/bin/python -m pip)
    .venv/bin/python -m pip --version >/dev/null 2>&1 || pip=("$python" -m pip --python .venv/bin/python)
    "${pip[@]}" install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
fi

echo "Installing the locked requirements"
export VIRTUAL_ENV=$PWD/.venv
install=(.venv/bin/uv pip install --quiet --require-hashes --build-constraints requirements-bootstrap.lock -r requirements.lock)
# What an earlier set-up has fetched is taken as it is: the hashes make it the same, and asking an index that
# says nothing about age again would fetch and build PySpark's 460 MB anew for each clone.
"${install[@]}" --offline 2>/dev/null || "${install[@]}"
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
touch .venv/.installed
