# make run          the dashboard on the sample workspace in work/; ARGS="--port 9000" passes options on
# make test         everything that has to hold: lint, types, layers, vendored files, all tests; ARGS="--model-seed 0"
# make lint, make unit, make browser, make clean: parts of it; make js: the page's modules without a browser
# make coverage     the tests without a browser, and how much of src/ they run, written to docs/coverage.md
# make mutants      which small faults in MODULES="src/llm_service/hub ..." their own tests do not notice; SAMPLE=100
# make pictures     the pictures of the README, from the demo; ARGS="--all FOLDER" every page, narrow and wide, to look at
# make lock         the exact versions that all of these install; ARGS=--upgrade takes newer ones
# make test-latest  everything with the newest releases that requirements*.txt admit; TARGET=unit runs a part

VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
INSTALL := $(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-input
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready-to-test
TYPES := node_modules/.installed
# The limit is doubled: see scripts/run_tests.py.
COVERED = $(PY) -m coverage run -m pytest -o timeout=240
FLOORS := $(PY) scripts/coverage_page.py

# Containers often set it. Then each of the hundreds of processes that the tests start compiles the whole service again.
unexport PYTHONDONTWRITEBYTECODE

# LOCK=no: what the bounds admit today, and not what the lock files name.
LOCK ?= yes
ifeq ($(LOCK),no)
RUN_LIST := requirements.txt requirements-mcp.txt requirements-git.txt requirements-redis.txt
DEV_LIST := requirements.txt requirements-mcp.txt requirements-git.txt requirements-redis.txt requirements-dev.txt
TAKE := --upgrade --upgrade-strategy eager
else
RUN_LIST := requirements.lock
DEV_LIST := requirements-dev.lock
TAKE := --require-hashes
endif

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: run test lint unit js browser tools clean coverage mutants lock test-latest pictures

run: $(INSTALLED)
	@exec $(BIN)/llm-service dashboard start $(ARGS)

test: lint tools
	@node --test tests/js/*.test.mjs > $(VENV)/js.log || { cat $(VENV)/js.log; exit 1; }
	@$(PY) -m coverage erase
	@$(PY) -m compileall -q src
	@$(PY) scripts/run_tests.py $(ARGS); tests=$$?; $(FLOORS); exit $$((tests + $$?))

lint: $(READY) $(TYPES)
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/lint-imports --no-logo > $(VENV)/layers.log 2>&1 || { cat $(VENV)/layers.log; exit 1; }
	@$(PY) scripts/vendor.py --check
	@node_modules/.bin/tsc --project jsconfig.json & types=$$!; \
	$(BIN)/mypy --no-error-summary; code=$$?; wait $$types && exit $$code

unit: $(READY) $(TYPES) js
	@$(PY) -m pytest -m "not browser" $(ARGS)

coverage: $(READY) $(TYPES)
	@$(PY) -m coverage erase && $(COVERED) -m "not browser" && $(FLOORS) --write

# The page's modules that need no browser.
js: tools
	@node --test tests/js/*.test.mjs > $(VENV)/js.log || { cat $(VENV)/js.log; exit 1; }

browser: $(READY) tools
	@$(PY) -m pytest -m browser $(ARGS)

pictures: $(READY) tools
	@PYTHONPATH=tests $(PY) scripts/pictures.py $(ARGS)

lock: | $(PY)
	@$(PY) scripts/lock.py $(ARGS)

# mutmut brings a terminal interface and a parser of its own: not into the environment of the other targets.
mutants: export MODULES := $(MODULES)
mutants: export TESTS := $(TESTS)
mutants: export SAMPLE := $(SAMPLE)
mutants:
	@$(MAKE) --no-print-directory VENV=.venv-mutants .venv-mutants/.ready-to-test
	@test -x .venv-mutants/bin/mutmut || .venv-mutants/bin/python -m pip install --quiet "mutmut>=3.8,<4"
	@.venv-mutants/bin/python scripts/mutants.py

# A new environment in each run, so that nothing is older than what a new machine gets.
TARGET ?= test
test-latest:
	@rm -rf .venv-latest
	@$(MAKE) --no-print-directory VENV=.venv-latest LOCK=no $(TARGET); code=$$?; \
	.venv-latest/bin/python scripts/dependencies.py "make $(TARGET)" $$code "$(NOTE)" && exit $$code

# What pip does not bring: a browser, a Redis server (only started by tests), and what the examples are run with. Debian's headless shell is the same Chromium
# without its windows; the tests take two thirds of the computing time with it.
BROWSER := chromium-headless-shell
tools:
	@missing=; \
	for name in $(BROWSER) chromium chromium-browser; do command -v $$name > /dev/null && break; done \
	  || missing="$(BROWSER)"; \
	command -v node > /dev/null || missing="$$missing nodejs"; \
	command -v npm > /dev/null || missing="$$missing npm"; \
	command -v curl > /dev/null || missing="$$missing curl"; \
	command -v redis-server > /dev/null || missing="$$missing redis-server"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  log=$$(mktemp); \
	  apt-get update > "$$log" 2>&1; \
	  apt-cache show $(BROWSER) > /dev/null 2>&1 || missing=$$(echo "$$missing" | sed 's/$(BROWSER)/chromium/'); \
	  if DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing >> "$$log" 2>&1; \
	    then rm "$$log"; exit 0; fi; \
	  cat "$$log"; rm "$$log"; \
	fi; \
	echo "Some tests need programs that are missing: $$missing" >&2; \
	echo "Debian: sudo apt-get install $$missing. Without them: make lint unit." >&2; \
	exit 1

clean:
	@rm -rf .venv .venv-* node_modules .mutants .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist src/*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
	    exec "$$python" -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo "Python 3.11 or later with its venv module is needed." >&2; \
	echo "Debian: sudo apt-get install python3 python3-venv. Another one: make PYTHON=/path/to/python3." >&2; \
	exit 1

# The stamps are older than what they were made from when a list of dependencies changes.
$(INSTALLED): $(RUN_LIST) pyproject.toml | $(PY)
	@echo "Installing into $(VENV) ..."
	@$(INSTALL) $(TAKE) $(RUN_LIST:%=--requirement %)
ifeq ($(LOCK),no)
	@$(INSTALL) --editable .
else
	@$(INSTALL) --no-build-isolation --no-deps --editable .
endif
	@touch $@

$(READY): $(DEV_LIST) $(INSTALLED)
	@$(INSTALL) $(TAKE) $(DEV_LIST:%=--requirement %)
	@touch $@

# The checker of types for the page's modules, and what tests let send spans; the page itself has no build step.
$(TYPES): package.json package-lock.json | tools
	@npm ci --silent --no-progress
	@touch $@
