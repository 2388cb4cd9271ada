# Every target sets up what it needs; `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint synth-check clean icarus chromium

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## install everything into .venv

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(STAMP) ## train 64-64 on handwritten digits on the simulated chip, then compare it with the golden model
	$(BIN)/ffpga train --target sim --data digits --layers 64,64 --lanes 8 --epochs 30 --seed 0 \
		--out runs/demo --json runs/demo/result.json
	$(BIN)/ffpga verify --target sim --data digits --layers 64,64 --pairs 500

test: $(STAMP) icarus chromium lint ## lint, then run every test on both simulators
	$(BIN)/python -m pytest -n $(JOBS)

lint: $(STAMP) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

synth-check: $(STAMP) ## make the boards' bitstreams and compare with the stored figures; BOARD=NAME: of one board
	$(BIN)/ffpga synth-check $(if $(BOARD),--board $(BOARD))

# Icarus Verilog, and zlib's header for waveforms: installed where that is allowed, else asked for.
icarus:
	@command -v iverilog >/dev/null && echo '#include <zlib.h>' | $${CXX:-c++} -E -x c++ - >/dev/null 2>&1 || { \
		mkdir -p build; \
		if [ "$$(id -u)" = 0 ]; then become=; else become='sudo -n'; fi; \
		install="$$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"; \
		$$install iverilog zlib1g-dev >build/icarus.log 2>&1 || \
		{ $$become apt-get update && $$install iverilog zlib1g-dev; } >>build/icarus.log 2>&1 || true; }
	@command -v iverilog >/dev/null || { \
		echo "make test needs Icarus Verilog: install the package iverilog (Debian, Ubuntu) or icarus-verilog" >&2; \
		exit 1; }

# Chromium, which the tests draw reports in: installed where that is allowed; where it is absent they are skipped.
chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
		mkdir -p build; \
		if [ "$$(id -u)" = 0 ]; then become=; else become='sudo -n'; fi; \
		install="$$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"; \
		$$install chromium >build/chromium.log 2>&1 || \
		{ $$become apt-get update && $$install chromium; } >>build/chromium.log 2>&1 || true; }

clean: ## remove everything that was made, .venv too
	rm -rf build runs dist .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find golden hw host sim tests -name __pycache__ -prune -exec rm -rf {} +
