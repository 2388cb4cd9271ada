# Every target sets up what it needs; `make` alone lists them.
PYTHON ?= python3
# Another environment, of the PYTHON that is named: make test VENV=build/python3.13 PYTHON=python3.13
VENV ?= $(if $(LOWEST),build/lowest,.venv)
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers
# Versions that are taken, where somebody says which; else the newest ones.
LOCK := $(if $(LOWEST),tests/lowest.txt,$(if $(LOCKED),tests/requirements.txt))
JOBS ?= auto
TRUST := $(BIN)/python -m testbenches.trust

# Tests start some hundreds of Pythons: they keep what they compile, even where the environment says not to.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all lint formal soak hostile microcontroller lost fuzz mutants coverage bench bench-data diagrams
.PHONY: docs lock synth-check clean icarus chromium

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## install everything into .venv; LOCKED=1: in the versions of tests/requirements.txt; LOWEST=1: see test

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' $(addprefix --constraint ,$(LOCK))
	touch $@

lock: $(STAMP) ## find out today's versions of all that the tests need, and write them into tests/requirements.txt, the oldest into lowest.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-header --no-annotate \
		--output-file tests/requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --python-version 3.11 --resolution lowest-direct --extra dev --extra spi \
		--no-header --no-annotate --output-file tests/lowest.txt pyproject.toml

demo: $(STAMP) ## train 64-64 on handwritten digits on the simulated chip, then compare it with the golden model
	$(BIN)/ffpga train --target sim --data digits --layers 64,64 --lanes 8 --epochs 30 --seed 0 \
		--out runs/demo --json runs/demo/result.json
	$(BIN)/ffpga verify --target sim --data digits --layers 64,64 --pairs 500

# Linters judge the code, beside the types of the newest versions.
test: $(STAMP) icarus $(if $(LOWEST),,lint) ## lint, then run the tests, on both simulators; LOWEST=1: with the oldest versions, in build/lowest
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

test-all: $(STAMP) icarus lint ## the same, longer, with every configuration on Icarus Verilog: before figures are stored
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m ""

lint: $(STAMP) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

formal: $(STAMP) ## prove properties of the hardware into runs/formal; ONLY=NAME: those whose name has it; STORE=1: keep the figures
	$(BIN)/python -m formal $(if $(ONLY),--only "$(ONLY)") $(if $(STORE),--store host/results/formal.json)

soak: $(STAMP) ## random commands to virtual boards and golden devices for an hour, or MINUTES=N; TURN=N: from that turn on
	$(TRUST) soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(TURN),--turn $(TURN)) $(if $(STORE),--store host/results/soak.json)

hostile: $(STAMP) ## train over lines that flip up to a bit in 1,000 and lose, double, invent bytes: the same weights; LINE=spi: over SPI
	$(TRUST) hostile $(if $(LINE),--line $(LINE)) $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(STORE),--store host/results/hostile.json)

microcontroller: $(STAMP) ## let the C driver train over such lines, 100,000 frames or FRAMES=N: the golden network's weights
	$(TRUST) microcontroller $(if $(FRAMES),--frames $(FRAMES)) $(if $(STORE),--store host/results/microcontroller.json)

lost: $(STAMP) ## kill 50 runs and reset devices 50 times: all end as if undisturbed
	$(TRUST) lost $(if $(STORE),--store host/results/lost.json)

fuzz: $(STAMP) ## let atheris write bytes for devices, driver and files for half an hour, or MINUTES=N
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(TRUST) fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(if $(STORE),--store host/results/fuzz.json)

mutants: $(STAMP) ## put small faults into core and golden model, and count how many the tests notice; STORE=1: keep the figures
	$(TRUST) mutants $(if $(STORE),--store host/results/mutants.json)

coverage: $(STAMP) ## list what happens in the conversations that the tests have with the whole chip
	$(TRUST) coverage

bench: bench-data $(PEERS) ## measure speed into runs/bench, with DATA=mnist:DIRECTORY; FULL=1: all of it
	$(BIN)/ffpga bench clocks --data $(DATA) --out runs/bench $(if $(FULL),,--pairs 200 --tests 200 --epochs 2)
	$(BIN)/ffpga bench simulation --data $(DATA) $(if $(FULL),--turns 31 --flags,--samples 5000)
	$(BIN)/ffpga bench golden --data $(DATA) $(if $(FULL),--turns 31)
	$(BIN)/ffpga bench link --data $(DATA) $(if $(FULL),,--samples 5000 --tests 1000 --pairs 20)
	$(BIN)/ffpga bench scaling --data $(DATA) $(if $(FULL),--pairs 2000 --tests 500 --every)
	$(BIN)/ffpga bench summary

bench-data:
	@test -n "$(DATA)" || { \
		echo "make bench needs MNIST: give DATA=mnist:DIRECTORY, a folder of its four files" >&2; exit 1; }

# fflib without what it asks for: its torchvision only loads MNIST, and would bring another PyTorch.
$(PEERS): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[peers]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps fflib==0.3.0
	touch $@

docs: $(STAMP) ## make a site of the documents, build/docs/index.html, to be read without a network
	$(BIN)/python -m sphinx -q -W --keep-going -c host/docs -d build/doctrees . build/docs
	@echo "read build/docs/index.html"

diagrams: $(STAMP) icarus ## record the simulated core and draw the diagrams of hw/README.md again
	$(BIN)/ffpga bench diagrams --out hw/diagrams

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

chromium: ## install Chromium, which the tests draw reports in; where it is absent they are skipped
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
		mkdir -p build; \
		if [ "$$(id -u)" = 0 ]; then become=; else become='sudo -n'; fi; \
		install="$$become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"; \
		$$install chromium >build/chromium.log 2>&1 || \
		{ $$become apt-get update && $$install chromium; } >>build/chromium.log 2>&1 || true; }

clean: ## remove everything that was made, .venv too
	rm -rf build runs dist .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find golden hw host sim tests -name __pycache__ -prune -exec rm -rf {} +
