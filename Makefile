# The one door. `make help` lists what is behind it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Packages that come as source build apart from this environment: old versions of pip fail on some otherwise.
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --use-pep517 -c constraints.txt
# pip compiles on one core, a third of all that it does. Templates in some packages are no Python: their errors are none.
COMPILE = $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
SUITE  ?= quick
EXTRAS ?= onnxruntime,openvino,loadgen

# Make variables map one to one onto the options of `benchbench run`.
OPTIONS = $(if $(OUT),--out '$(OUT)') $(if $(DATA),--data '$(DATA)') $(if $(WEIGHTS),--weights '$(WEIGHTS)') \
          $(if $(TASKS),--tasks '$(TASKS)') $(if $(MODELS),--models '$(MODELS)') $(if $(TARGETS),--targets '$(TARGETS)') \
          $(if $(BUDGET),--budget '$(BUDGET)') $(if $(FRESH),--fresh) $(if $(STRICT),--strict) \
          $(if $(RETRY_FAILED),--retry-failed) $(if $(KEEP_MODELS),--keep-models) $(if $(TIME_LIMIT),--time-limit '$(TIME_LIMIT)') \
          $(if $(EXECUTOR),--executor '$(EXECUTOR)') $(if $(ADDRESS),--address '$(ADDRESS)') \
          $(if $(DRY_RUN),--dry-run)

.DEFAULT_GOAL := help
.PHONY: bench test report lab targets doctor lint audit format setup clean help

bench: $(VENV)/.ready ## Run a suite and write its report (SUITE=quick OUT= DATA= WEIGHTS= TASKS= MODELS= TARGETS= BUDGET= FRESH=1 STRICT=1 RETRY_FAILED=1 KEEP_MODELS=1 TIME_LIMIT= EXECUTOR=local ADDRESS= DRY_RUN=1)
	$(BIN)/benchbench run '$(SUITE)' $(OPTIONS)

test: $(VENV)/.ready-dev ## Run all tests, slow files first (ARGS=)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations=25 $(ARGS)

report: $(VENV)/.ready ## Write a run's report again (RUN=results/quick)
	$(BIN)/benchbench report '$(or $(RUN),results/$(SUITE))'

lab: $(VENV)/.ready ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=notebooks

targets: $(VENV)/.ready ## List the hardware targets, available here or not
	$(BIN)/benchbench targets

doctor: $(VENV)/.ready ## Say what this machine is and what on it can be measured
	$(BIN)/benchbench doctor

lint: $(VENV)/.ready-dev ## Check format, style, types and dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/deptry .

audit: ## Look the pinned versions up among known vulnerabilities (asks PyPI)
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)-audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

format: $(VENV)/.ready-dev ## Format the code and strip the notebooks
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/nbstripout notebooks/*.ipynb

setup: $(VENV)/.ready ## Make the environment alone

clean: ## Remove the environment and caches; results stay
	rm -rf $(VENV) $(VENV)-audit .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@sh prerequisites.sh python '$(PYTHON)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(BIN)/python pyproject.toml constraints.txt
	@sh prerequisites.sh index $(BIN)/python
	$(INSTALL) -e '.[$(EXTRAS)]'
	@$(COMPILE)
	@touch $@

# With all that the other has, in one go: a second run of pip would look everything up again.
$(VENV)/.ready-dev: $(BIN)/python pyproject.toml constraints.txt
	@sh prerequisites.sh index $(BIN)/python
	$(INSTALL) -e '.[$(EXTRAS),dev]'
	@$(COMPILE)
	@touch $(VENV)/.ready $@
