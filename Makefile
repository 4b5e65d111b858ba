# make run | test | bench | soak. Everything lives in .venv; PYTHON=python3.12 chooses the interpreter for a new one.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test check core-coverage bench soak lock
.DEFAULT_GOAL := run

run: $(READY)
	$(BIN)/keeplit sandbox

# Three at a time on two cores: half of a run waits for clocks, programs and people who are not there.
test: check core-coverage
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --platform linux --cache-dir .mypy_cache/linux daemon tests installers
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin daemon
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 daemon
	$(BIN)/lint-imports --no-logo

# Core's own tests alone must reach every branch, with few drawn examples: the written cases count, not luck.
core-coverage: $(READY)
	$(BIN)/coverage run -m pytest -qq --hypothesis-profile=few tests/core
	$(BIN)/coverage report

bench: $(READY)
	$(BIN)/python tests/bench/table.py

# Hours: thousands of kills, an hour of the sandbox in each world, ten minutes of races, ten seeds of ninety days, each
# of which has a small version in `make test`.
soak: $(READY)
	KEEPLIT_SOAK=1 $(BIN)/python -m pytest -m soak --durations=0 tests

# Needs uv on the PATH. uv writes no address into the files unless told to: they install from any mirror.
lock:
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header pyproject.toml --group dev --group build --output-file .ci/requirements.txt
	echo pyinstaller | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --constraint .ci/requirements.txt --output-file .ci/release.txt - pyproject.toml

# Installs again only when a lock or pyproject.toml changed since; a .venv that works is kept. PyGObject, which the tray
# needs on Linux, is built from source: only where its headers are.
$(READY): .ci/requirements.txt .ci/tray.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "keeplit needs Python 3.11 or newer, and $(PYTHON) is not: try 'make PYTHON=python3.11'" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) has no venv module: on Debian and Ubuntu, 'apt-get install python3-venv'" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@if pkg-config --exists gobject-introspection-1.0 cairo 2>/dev/null; then \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/tray.txt || \
			echo "PyGObject was not built: the tray's tests on a real bus are skipped" >&2; fi
	@touch $@

.PHONY: .venv
.venv: $(READY)
