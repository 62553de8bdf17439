# `make demo` and `make test` do everything on a fresh Debian machine: packages that are
# missing, a virtual environment in .venv, the build, the run. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
SNAKEMAKE := build/snakemake
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq
# folders too: their dates tell of files that were deleted
SOURCES := CMakeLists.txt CITATION.cff pyproject.toml \
           $(shell find cpp/include cpp/src cpp/bindings python -name __pycache__ -prune -o -print)
CXX_FILES := $(shell find cpp -name '*.cpp' -o -name '*.hpp')
PYTHON_FILES := python tests benchmarks scripts docs
WORKFLOWS := $(wildcard .github/workflows/*.yml)
# the versions of Python that the package is declared for
PYTHONS := $(shell sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml)
# What is built and how stands in CMakePresets.json; where this environment's tools are, here.
CONFIGURE = $(BIN)/cmake -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja
WITH_PYTHON = -DPython_EXECUTABLE=$(abspath $(BIN))/python \
              -Dpybind11_DIR="$$($(BIN)/python -m pybind11 --cmakedir)"

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

.PHONY: demo
demo: $(VENV)/.installed ## Build, compute the demonstration's year of EEMT, say where the maps are
	$(BIN)/eemt-run --demo --overwrite -o demo
	@echo "The maps are in $(CURDIR)/demo; pictures of them in $(CURDIR)/demo/quicklook."

# A file's tests share their runs, so they stay together; tests/conftest.py says which come first.
SIDE_BY_SIDE = -m "not alone and not deploy" --numprocesses $$(nproc) --dist loadfile --no-loadscope-reorder

.PHONY: test
test: system-test $(VENV)/.installed $(VENV)/.test-tools $(VENV)/.docs-tools $(SNAKEMAKE)/.installed ## Run all checks and all tests
	@failed=; \
	$(MAKE) --no-print-directory lint || failed+=" lint"; \
	$(MAKE) --no-print-directory cpp-test || failed+=" cpp-test"; \
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --durations=15 || failed+=" pytest"; \
	$(BIN)/python -m pytest -m "alone and not deploy" || failed+=" pytest-alone"; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed (of lint, cpp-test, pytest, pytest-alone)"; exit 1; fi

.PHONY: test-deploy
test-deploy: system-test $(VENV)/.installed $(VENV)/.test-tools ## Run eemt-core in batch systems, containers and across hosts, for real
	$(BIN)/python -m pytest --durations=15 -m deploy --numprocesses 2 --dist loadfile tests/deploy

# Each part is also a hook of .pre-commit-config.yaml. Types are those of this Python and of later
# ones: the stubs of packages that are installed here may be too new for earlier ones.
.PHONY: lint lint-python lint-types lint-cpp lint-settings
lint: lint-python lint-types lint-cpp lint-settings ## Check form, types and settings
lint-python: $(VENV)/.lint-tools
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/ruff format --check $(PYTHON_FILES)
lint-types: $(VENV)/.installed $(VENV)/.test-tools $(VENV)/.lint-tools
	@own=$$($(BIN)/python -c 'import sys; print("{}.{}".format(*sys.version_info))'); \
	{ echo "$$own"; printf '%s\n' $(PYTHONS) | sed "0,/^$$own$$/d"; } | \
	    xargs -P "$$(nproc)" -I{} sh -xc '$(BIN)/mypy --python-version {}'
lint-cpp: $(VENV)/.lint-tools
	$(BIN)/clang-format --dry-run --Werror $(CXX_FILES)
	$(MAKE) --no-print-directory -j"$$(nproc)" tidy
lint-settings: $(VENV)/.lint-tools
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema custom.github-workflows-require-timeout $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/zizmor --offline --quiet --strict-collection .github .pre-commit-config.yaml
	$(BIN)/pre-commit validate-config

.PHONY: hooks
hooks: $(VENV)/.lint-tools ## Have git run make lint's checks before each commit
	$(BIN)/pre-commit install

# Each source is looked at again when it, a header or a rule has changed.
CXX_SOURCES := $(filter %.cpp,$(CXX_FILES))
.PHONY: tidy
tidy: $(CXX_SOURCES:%=build/tidy/%.done) ## Look for mistakes in the C++ sources with clang-tidy

build/tidy/%.done: % $(filter %.hpp,$(CXX_FILES)) .clang-tidy build/tidy/compile_commands.json
	$(BIN)/clang-tidy --quiet -p build/tidy $<
	@mkdir -p $(@D)
	@touch $@

build/tidy/compile_commands.json: CMakePresets.json CMakeLists.txt $(VENV)/.created $(VENV)/.lint-tools
	@$(CONFIGURE) $(WITH_PYTHON) --preset tidy >/dev/null
	@touch $@

.PHONY: format
format: $(VENV)/.lint-tools ## Bring all sources into form
	$(BIN)/ruff check --fix $(PYTHON_FILES)
	$(BIN)/ruff format $(PYTHON_FILES)
	$(BIN)/clang-format -i $(CXX_FILES)

.PHONY: cpp-test
cpp-test: $(VENV)/.created ## Run the kernels under sanitizers, then without OpenMP
	@$(CONFIGURE) --preset sanitize >/dev/null
	$(BIN)/cmake --build --preset sanitize
	@$(BIN)/ctest --preset sanitize
	@$(CONFIGURE) $(WITH_PYTHON) --preset no-openmp >/dev/null
	$(BIN)/cmake --build --preset no-openmp
	@$(BIN)/ctest --preset no-openmp
	$(BIN)/python -c 'import sys; sys.path[0] = "build/no-openmp"; import _core; \
	    assert not _core.build_config()["openmp"], _core.build_config()'

.PHONY: wheel sdist
wheel: $(VENV)/.created $(VENV)/.dist-tools ## Build a wheel for machines without a compiler, into wheelhouse
	PATH="$(abspath $(BIN)):$$PATH" scripts/make_wheel.sh wheelhouse
sdist: $(VENV)/.created $(VENV)/.dist-tools ## Pack the sources for those who build themselves, into dist
	$(BIN)/python -m build --no-isolation --sdist --outdir dist

.PHONY: bench
bench: system-test $(VENV)/.installed $(VENV)/.test-tools $(VENV)/.bench-tools ## Time the kernels, then compare with other programs and write benchmarks/RESULTS.md
	cd benchmarks && $(abspath $(BIN))/asv check -E existing:$(abspath $(BIN))/python
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-only \
	    --benchmark-columns=min,median,rounds --benchmark-timer=time.process_time
	$(BIN)/python benchmarks/report.py --write

.PHONY: web
web: $(VENV)/.installed ## Serve the page with a run of the demonstration on it; its jobs are kept in build/web
	@$(BIN)/python scripts/demo_page.py build/web

.PHONY: docs
docs: $(VENV)/.installed $(VENV)/.docs-tools ## Build the documentation's pages; warnings are errors
	@$(BIN)/sphinx-build -W --keep-going -q -d build/doctrees docs build/docs
	@echo "The pages begin at $(CURDIR)/build/docs/index.html."

.PHONY: clean
clean: ## Remove everything that was built, the virtual environment included
	rm -rf build docs/reference/api dist wheelhouse $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks .asv

.PHONY: system-build system-test
system-build:
	@scripts/setup_debian.sh build
system-test:
	@scripts/setup_debian.sh test

$(VENV)/.created: scripts/make_venv.sh | system-build
	scripts/make_venv.sh $(VENV)
	touch $@

$(VENV)/.installed: $(VENV)/.created $(SOURCES)
	$(PIP) --no-build-isolation '.[plot,linke,web]'
	touch $@

$(VENV)/.test-tools: $(VENV)/.created pyproject.toml
	$(PIP) --group test
	touch $@

$(VENV)/.lint-tools: $(VENV)/.created pyproject.toml
	$(PIP) --group lint
	touch $@

$(VENV)/.docs-tools: $(VENV)/.created pyproject.toml
	$(PIP) --group docs
	touch $@

$(VENV)/.dist-tools: $(VENV)/.created pyproject.toml
	$(PIP) --group dist
	touch $@

$(SNAKEMAKE)/.installed: $(VENV)/.created pyproject.toml
	$(BIN)/python -m venv --without-pip $(SNAKEMAKE)
	$(BIN)/python -m pip --python $(SNAKEMAKE) install -qq --group snakemake
	touch $@

$(VENV)/.bench-tools: $(VENV)/.created pyproject.toml
	$(PIP) --group bench
	touch $@
