# Both commands make what they need in .venv and need nothing else but Python and the network.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help demo demo-reset test chaos bench bench-plots lint messages requirements screenshots audit sbom

# Of the chaos run; more of its options go into CHAOS.
RENEWALS ?= 2000
DATABASE ?= postgres
BROKER ?= redis

# What is measured (nothing: all of it), where its raw figures go, and the pictures of them.
ROWS ?=
JSON ?= .cache/bench.json
PLOTS ?= .cache/plots

help:
	@echo "make demo          the portal with made-up customers, on this machine alone"
	@echo "make demo-reset    forget everything that was done in the demo"
	@echo "make test          every check and every test"
	@echo "make chaos         kill and disturb the whole product, and count what is lost (RENEWALS=2000"
	@echo "                   DATABASE=postgres|sqlite BROKER=redis|embedded CHAOS='--json figures.json')"
	@echo "make bench         measure the portal against its floors (ROWS='P1 P4' JSON=figures.json)"
	@echo "make bench-plots   draw the figures in JSON as pictures (JSON=figures.json PLOTS=folder)"
	@echo "make lint          format the code and say what ruff and mypy find"
	@echo "make messages      collect what is to be translated, and compile what is (needs gettext)"
	@echo "make screenshots   take the README's pictures of the pages again (needs a Chromium)"
	@echo "make requirements  compile the requirements files from pyproject.toml"
	@echo "make audit         what is known to be vulnerable of what is pinned (needs PyPI's or OSV's data)"
	@echo "make sbom          the bill of materials, as CycloneDX in .cache/sbom.cdx.json"

demo: $(VENV)/.installed
	@$(RUN) -m portal.demo

demo-reset: $(VENV)/.installed
	@$(RUN) -m portal.demo.forget

test: $(VENV)/.installed-for-tests
	@$(RUN) -m tests.run

chaos: $(VENV)/.installed-for-tests
	@$(RUN) -m tests.chaos --renewals $(RENEWALS) --database $(DATABASE) --broker $(BROKER) $(CHAOS)

bench: $(VENV)/.installed-for-tests
	@$(RUN) -m tests.bench $(ROWS) --json $(JSON)

bench-plots: $(VENV)/.installed-for-tests
	@$(RUN) -m tests.bench.plots $(JSON) $(PLOTS)

lint: $(VENV)/.installed-for-tests
	@$(RUN) -m ruff format
	@$(RUN) -m ruff check --fix
	@$(RUN) -m mypy portal compliance

messages: $(VENV)/.installed-for-tests
	@$(RUN) -m tests.messages

screenshots: $(VENV)/.installed-for-tests
	@$(RUN) -m tests.journey.screenshots

requirements: $(VENV)/.installed-for-tests
	@$(RUN) -m uv pip compile --quiet --universal --generate-hashes --no-header \
		--output-file requirements.txt pyproject.toml
	@$(RUN) -m uv pip compile --quiet --universal --generate-hashes --no-header \
		--constraints requirements.txt --group test \
		--output-file tests/requirements.txt pyproject.toml

audit sbom: $(VENV)/.installed-for-tests
	@$(RUN) -m tests.supply $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "This needs Python 3.11 or newer, and $(PYTHON) is not that." \
			"Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment." \
			"On Debian and Ubuntu: apt install python3-venv"; exit 1; }

# Installed again when the file has changed, and only then.
$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the portal needs into $(VENV) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# The file for the tests names all that the portal needs as well.
$(VENV)/.installed-for-tests: tests/requirements.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing what the portal and its tests need into $(VENV) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $(VENV)/.installed $@
