# The front door. `make demo` and `make test` need nothing done before.

PYTHON ?= python3
VENV   := .venv
NEWEST := .newest
SCALE  ?= 1
# of other servers than this machine's own: demo/suites.py has the names
export DEMO_SOURCE := $(SOURCE)
export DEMO_REPLICATION := $(REPLICATION)
export DEMO_POSTGRES := $(POSTGRES)
LEANING := $(addprefix tests/test_,libraries.py wire.py tables_yml.py analyzer.py first_night.py continued.py)
CROSSED := $(addprefix tests/test_,all_tables.py any_table.py values.py columns_and_keys.py names.py copies.py nights.py \
  comparing.py verify.py second_opinion.py schema_changes.py upgrades.py accounts.py servers.py)
CHECKED := opendental_pipeline sources destinations pipelines schedulers demo bench tests

.PHONY: setup demo demo-dbt demo-stop test crossed matrix newest thousand upgrades faults month airflow bench clinic restarts lint format

setup: $(VENV)/.ready  ## make the virtual environment

# Debian and Ubuntu keep venv in a package of its own
$(VENV)/.ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { echo "installing python3-venv"; \
	       $$([ "$$(id -u)" = 0 ] || echo sudo) sh -c 'apt-get update -q && apt-get install -qy python3-venv' >/dev/null; } \
	  || { echo "install the package python3-venv, then run make again"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## a synthetic clinic, a night, a day, a night; SCALE=3 for three times the rows
	$(VENV)/bin/python -m demo --scale $(SCALE)

demo-dbt: setup  ## dbt's sources of the demo's clinic, two models, their tests and freshness
	. .demo/environment && $(VENV)/bin/python pipelines/analyze.py --output .demo/tables.yml \
	  --dbt-sources demo/dbt/models/staging/sources.yml
	. .demo/environment && cd demo/dbt && for step in build "source freshness"; do \
	  ../../$(VENV)/bin/dbt $$step --profiles-dir . || exit 1; done

demo-stop: setup  ## stop the demo's servers; their data stay
	$(VENV)/bin/python -m demo stop

test: setup  ## all tests, on servers of their own; TESTS=tests/test_x.py for some of them
	$(VENV)/bin/python -m pytest $(TESTS)

crossed: setup  ## the tests of what servers do differently, on MySQL, an old MariaDB and an old PostgreSQL
	$(MAKE) test SOURCE=mysql REPLICATION=mariadb-10.5 POSTGRES=13 TESTS="$(CROSSED)"

matrix: setup  ## every server that tests run on, as source and as replication; three quarters of an hour
	$(VENV)/bin/python -m tests.matrix

newest: setup  ## the newest libraries that pyproject.toml allows, and the tests of where we lean on them
	$(VENV)/bin/python -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --disable-pip-version-check -e . pytest pytest-xdist hypothesis
	@echo "newer than in requirements.lock:"
	@$(NEWEST)/bin/python -m pip freeze --exclude opendental-pipeline | grep -vixFf requirements.lock || echo none
	$(NEWEST)/bin/python -m pytest $(LEANING)

thousand: setup  ## a thousand random tables, two nights each; a quarter of an hour
	RANDOM_CLINICS=25 $(VENV)/bin/python -m pytest tests/test_any_table.py -n 0

upgrades: setup  ## forty clinics through nights of random upgrades; a quarter of an hour
	RANDOM_UPGRADES=40 $(VENV)/bin/python -m pytest tests/test_random_upgrades.py

faults: setup  ## every fault at every place of a night, and 500 at random; two hours
	ALL_FAULTS=1 RANDOM_FAULTS=500 $(VENV)/bin/python -m pytest tests/test_faults.py

month: setup  ## three months of random nights on hostile servers, all tiers compared after each
	HOSTILE=1 NIGHTS=30 MONTHS=3 $(VENV)/bin/python -m pytest tests/test_month.py

airflow: setup  ## nights that a real Airflow starts, on Celery's workers too; a quarter of an hour
	$(VENV)/bin/python -m pytest tests/airflow_nights.py -n 0

bench: setup  ## the pipeline beside other tools; BENCH="--rows 10000000 --runs 1" for other sizes
	$(VENV)/bin/python -m bench $(BENCH)

clinic: setup  ## what each tier needs for the nights of a whole clinic; CLINIC="--rows 20000000"
	$(VENV)/bin/python -m bench.clinic $(CLINIC)

restarts: setup  ## what a first night costs the source that is killed ten times; RESTARTS="--seconds 20"
	$(VENV)/bin/python -m bench.restarts $(RESTARTS)

lint: setup  ## ruff and mypy
	$(VENV)/bin/ruff check $(CHECKED)
	$(VENV)/bin/ruff format --check $(CHECKED)
	$(VENV)/bin/mypy

format: setup  ## lay the code out
	$(VENV)/bin/ruff check --fix $(CHECKED)
	$(VENV)/bin/ruff format $(CHECKED)
