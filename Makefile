# make run    the dashboard on the sample workspace in work/; ARGS="--port 9000" passes options on
# make test   everything that has to hold: lint, types, layers, vendored files, all tests
# make lint, make unit, make browser, make clean: parts of it; make js: the page's modules without a browser

PY := .venv/bin/python
INSTALL := $(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-input
INSTALLED := .venv/.installed
READY := .venv/.ready-to-test
TYPES := node_modules/.installed

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: run test lint unit js browser tools clean

run: $(INSTALLED)
	@exec .venv/bin/llm-service dashboard start $(ARGS)

# The tests with a browser beside the others: each half waits a lot, and there are two cores.
test: lint tools
	@node --test tests/js/*.test.mjs > .venv/js.log || { cat .venv/js.log; exit 1; }
	@$(PY) -m pytest -m browser > .venv/browser.log 2>&1 & browser=$$!; \
	$(PY) -m pytest -m "not browser"; unit=$$?; \
	wait $$browser; browser=$$?; \
	cat .venv/browser.log; \
	exit $$((unit + browser))

lint: $(READY) $(TYPES)
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo > .venv/layers.log 2>&1 || { cat .venv/layers.log; exit 1; }
	@$(PY) scripts/vendor.py --check
	@node_modules/.bin/tsc --project jsconfig.json

unit: $(READY) js
	@$(PY) -m pytest -m "not browser" $(ARGS)

# The page's modules that need no browser.
js: tools
	@node --test tests/js/*.test.mjs > .venv/js.log || { cat .venv/js.log; exit 1; }

browser: $(READY) tools
	@$(PY) -m pytest -m browser $(ARGS)

# What pip does not bring: a browser, and what the examples are run with.
tools:
	@missing=; \
	command -v chromium > /dev/null || missing="chromium"; \
	command -v node > /dev/null || missing="$$missing nodejs"; \
	command -v npm > /dev/null || missing="$$missing npm"; \
	command -v curl > /dev/null || missing="$$missing curl"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  log=$$(mktemp); \
	  if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing; } \
	    > "$$log" 2>&1; then rm "$$log"; exit 0; fi; \
	  cat "$$log"; rm "$$log"; \
	fi; \
	echo "Some tests need programs that are missing: $$missing" >&2; \
	echo "Debian: sudo apt-get install $$missing. Without them: make lint unit." >&2; \
	exit 1

clean:
	@rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist src/*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
	    exec "$$python" -m venv --clear .venv; \
	  fi; \
	done; \
	echo "Python 3.11 or later with its venv module is needed." >&2; \
	echo "Debian: sudo apt-get install python3 python3-venv. Another one: make PYTHON=/path/to/python3." >&2; \
	exit 1

# The stamps are older than what they were made from when a list of dependencies changes.
$(INSTALLED): requirements.txt pyproject.toml | $(PY)
	@echo "Installing into .venv ..."
	@$(INSTALL) --editable .
	@touch $@

$(READY): requirements-dev.txt $(INSTALLED)
	@$(INSTALL) --requirement requirements-dev.txt
	@touch $@

# The checker of types for the page's modules; the page itself has no build step.
$(TYPES): package.json package-lock.json | tools
	@npm ci --silent --no-progress
	@touch $@
