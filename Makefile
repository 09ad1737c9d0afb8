# Everything that is done with this repository. Each command sets up what it needs; a second run is quick and
# works offline.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help

# Where it is set every start of a program compiles all that it imports: of the reports' libraries that is ten seconds each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo
demo: $(INSTALLED)  ## run the visits scenario: Kafka, Spark, generator, observer (ELASTICSEARCH=1, ARGS="--for 60s --fresh")
	@exec $(BIN)/offline-observer demo $(if $(ELASTICSEARCH),--elasticsearch) $(ARGS)

# The tests wait more than they work. Those of a file stay together, and the long ones come first.
WORKERS ?= 2

.PHONY: test
test: $(INSTALLED)  ## unit, integration and end-to-end tests, on real Kafka and real Spark
	@$(BIN)/pytest -m "not long" -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: test-unit
test-unit: $(INSTALLED)  ## the unit tests alone: seconds, no JVM, no network
	@$(BIN)/pytest tests/unit $(ARGS)

.PHONY: test-long
test-long: $(INSTALLED)  ## what takes minutes by its nature; prints its figures
	@$(BIN)/pytest -m long -s $(ARGS)

.PHONY: lint
lint: $(INSTALLED)  ## style, types, and what may import what
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@scripts/check-texts.sh

.PHONY: format
format: $(INSTALLED)  ## put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: bench
bench: $(INSTALLED)  ## measure what is said to be fast; each benchmark prints one JSON object
	@for name in checkpoint_folder export lag observe local_engine_memory page profile; do $(BIN)/python -m benchmarks.$$name --json || exit 1; done

.PHONY: lock
lock: $(INSTALLED)  ## write the hashed locks anew from pyproject.toml
	@scripts/lock.sh

.PHONY: clean
clean:  ## remove the environment, caches and the demo's data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo-data

.PHONY: help
help:  ## show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-10s %s\n", $$1, $$2 }'

$(INSTALLED): requirements.lock requirements-bootstrap.lock pyproject.toml scripts/bootstrap.sh
	@scripts/bootstrap.sh
