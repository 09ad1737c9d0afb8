#!/usr/bin/env bash
# Writes the two locks anew. No index address gets into them.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
export UV_CUSTOM_COMPILE_COMMAND="make lock"
common=(--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate "$@")
printf 'uv\nsetuptools\n' | "$uv" pip compile - "${common[@]}" -o requirements-bootstrap.lock
"$uv" pip compile pyproject.toml --all-extras --group dev "${common[@]}" -o requirements.lock
