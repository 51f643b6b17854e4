PYTHON ?= python3
BIN := .venv/bin
PARTS := lint format types imports tests

.DEFAULT_GOAL := help
.PHONY: help setup dev check $(PARTS) fix test-fast test screens migration docs templates constraints

help:  ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  %-12s %s\n", $$1, $$2}'

setup: $(BIN)/motcua  ## make .venv with everything that development needs

$(BIN)/motcua: pyproject.toml constraints.txt
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

dev: setup  ## run everything at http://127.0.0.1:8000
	$(BIN)/motcua dev

check:  ## what .ci/run runs: changes nothing, tells every part that fails
	@failed=; for part in $(PARTS); do \
		echo "== $$part"; $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; \
	done; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed"; exit 1; fi; echo "all parts passed"

lint:
	$(BIN)/ruff check .

format:
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

tests:
	$(BIN)/python -m pytest $(ARGS)

fix:  ## repair what can be repaired by a tool
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-fast:  ## unit and architecture tests
	$(BIN)/python -m pytest tests/unit tests/architecture

test: tests  ## all tests; ARGS are those of pytest: make test ARGS="-k calendar"

screens:  ## take the pictures of docs/screens again, from the journeys
	SCREENS=1 $(BIN)/python -m pytest -m browser tests/journeys

migration:  ## write the next migration: make migration NAME=add_pause_reason
	@test -n "$(NAME)" || { echo "make migration NAME=add_pause_reason"; exit 2; }
	$(BIN)/python -m tests.support.new_migration $(NAME)

docs:  ## write the reference pages that are made from code
	$(BIN)/python docs/generate.py

templates:  ## write our own Word templates of forms and slips
	$(BIN)/python -m engine.documents.docx.build

constraints:  ## pin what a fresh installation gets today
	.ci/pin
