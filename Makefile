# `make help` lists what there is. Everything runs in .venv, which is made on first use from requirements.lock.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
JUDGES := tests/contract/node/node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help demo dev test lint format bench faults contracts lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Play the main job from import to escalation; FILE=history.csv [MAPPING=mapping.json] plays your own history
	@$(BIN)/dunwell demo $(if $(FILE),--file "$(FILE)") $(if $(MAPPING),--mapping "$(MAPPING)")

dev: $(READY) ## Run everything for development until Ctrl-C; writes .dev/dev.env
	@$(BIN)/dunwell dev

test: $(READY) $(JUDGES) lint ## Run every check: format, lint, types, imports, contracts, tests
	@echo "contracts: openapi/ is what the code exports"
	@$(BIN)/python -m cli.main export-contracts --check
	@echo "tests: $(if $(DATABASE_URL),PostgreSQL of DATABASE_URL,embedded PostgreSQL) and $(if $(REDIS_URL),Redis of REDIS_URL,embedded Redis)"
	@$(BIN)/python -m pytest

lint: $(READY) ## Check format, lint, types and import contracts
	@echo "format"
	@$(BIN)/ruff format --check --quiet .
	@echo "lint"
	@$(BIN)/ruff check --quiet .
	@echo "types"
	@$(BIN)/mypy
	@echo "imports"
	@out=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$out"; exit 1; }

format: $(READY) ## Format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: $(READY) ## Run the benchmarks; each prints a ratio measured in the same run
	@$(BIN)/python -m bench

faults: $(READY) ## Kill workers KILLS times (1000), crash PostgreSQL, flush Redis; tell whether each reminder went out exactly once
	@$(BIN)/python -m tests.faults --kills $(or $(KILLS),1000)

contracts: $(READY) ## Write openapi/ anew from the code
	@$(BIN)/python -m cli.main export-contracts

lock: ## Write requirements.lock anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv/)" >&2; exit 1; }
	@uv pip compile pyproject.toml --extra local --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet -o requirements.lock

clean: ## Remove the virtual environment and all caches; .dev/ and its data stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Dunwell needs Python 3.11 or later, but \"$(PYTHON)\" is not: try make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@echo "setup: installing the locked dependencies into .venv (once; a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Independent judges of our HTTP doors. Optional: without npm their tests say so and are skipped.
$(JUDGES): tests/contract/node/package-lock.json
	@mkdir -p $(@D)
	@if command -v npm >/dev/null; then npm ci --prefix tests/contract/node --no-audit --no-fund --silent || \
		echo "npm could not install graphql-http; its audit will be skipped"; \
	else echo "npm is not installed; graphql-http's audit will be skipped"; fi
	@mkdir -p $(@D) && touch $@
