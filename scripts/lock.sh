#!/usr/bin/env bash
# Writes the locks anew. No index address gets into them.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
export UV_CUSTOM_COMPILE_COMMAND="make lock"
common=(--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate "$@")
"$uv" pip compile pyproject.toml --all-extras --group dev "${common[@]}" -o requirements.lock

# All else that is installed has the versions that the tests run with.
common+=(--constraints requirements.lock)
# What builds: the environment, and the images.
printf 'hatchling\nsetuptools\nuv\n' | "$uv" pip compile - "${common[@]}" -o requirements-bootstrap.lock
# The observer's image: every extra but those that want Java, Spark or not.
extras=(dashboard elasticsearch notify opensearch profile schema-registry json-schema s3 gcs azure webhdfs)
"$uv" pip compile pyproject.toml "${extras[@]/#/--extra=}" "${common[@]}" -o requirements-observer.lock
# The observed job's image.
echo pyspark | "$uv" pip compile - "${common[@]}" -o requirements-job.lock
