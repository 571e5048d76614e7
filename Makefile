# Galley's commands. `make run` needs nothing but Python 3.11 or newer with venv.
# PIP_ARGS goes to pip: on Linux without a GPU see README.md for PyTorch's CPU build.

PYTHON ?= python3
PIP_ARGS ?=
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export PORT

.PHONY: run setup test test-postgres fuzz bench pictures lint clean

run: setup
	@exec $(BIN)/python manage.py up

setup: $(VENV)/.stamp
	@$(BIN)/python manage.py migrate -v 0
	@$(BIN)/python manage.py collectstatic --noinput -v 0
	@$(BIN)/python manage.py seed_demo

test: $(VENV)/.stamp-dev
	@$(BIN)/python -m pytest

# What asks the database, on PostgreSQL: the server of DATABASE_URL, or one that is thrown away.
test-postgres: $(VENV)/.stamp-dev
	@$(BIN)/python deploy/with_postgres.py $(BIN)/python -m pytest tests/catalog tests/config tests/generation tests/review --ignore tests/generation/gan

fuzz: $(VENV)/.stamp-dev
	@$(BIN)/python -m pytest --hypothesis-profile=fuzz --timeout=0 tests/generation/gan/test_cleaning.py

bench: $(VENV)/.stamp-dev
	@$(BIN)/python -m pytest -m benchmark -q -s --no-header tests/benchmark

pictures: $(VENV)/.stamp-dev
	@$(BIN)/python -m pytest -m pictures -q --no-header tests/browser/test_pictures.py

lint: $(VENV)/.stamp-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

$(VENV)/.stamp: requirements.txt
	@$(PYTHON) deploy/check_machine.py $(VENV)
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what Galley needs; the first time this takes a minute or more."
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(PIP_ARGS) -r requirements.txt
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.txt $(VENV)/.stamp
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(PIP_ARGS) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV)
