# « make » alone says what can be made.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STUDENTS ?= 300
# The databases of tests are thrown away: where there is such a place, they need not wait for the disk.
IN_MEMORY := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm)

.DEFAULT_GOAL := help
.PHONY: help demo test check unit browser bench faults fuzz format translations clean

help: ## Dire ce qui peut être fait
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## Préparer et lancer une école inventée : administration, portail, courriels
	$(BIN)/teleservices demo --students $(STUDENTS)
	$(BIN)/teleservices serve --mailbox-port 5003

test: check unit browser ## Tout vérifier : style, types, contrats, tests, navigateur

check: $(VENV)/.tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Three for two cores: tests of faults wait, and the others have their turn meanwhile.
unit: $(VENV)/.tools
	$(IN_MEMORY) $(BIN)/pytest -n 3 --dist worksteal --ignore tests/browser

browser: $(VENV)/.tools $(VENV)/.chromium
	$(IN_MEMORY) $(BIN)/pytest -n 3 --dist loadgroup tests/browser

bench: $(VENV)/.tools ## Mesurer, et imprimer des rapports à une référence
	$(BIN)/python -m tests.benchmarks

faults: $(VENV)/.tools ## Tuer, couper, remplir, bloquer : ce qui est perdu ou doublé, en un tableau
	FAULT_KILLS=50 FAULT_LOCK_SECONDS=10 $(IN_MEMORY) $(BIN)/pytest tests/notifications/faults

# A process for each of the eight, however few processors: all of them end together.
fuzz: $(VENV)/.tools ## Chercher dix minutes ce qui casse une page
	$(IN_MEMORY) EVERY_DATABASE=1 FUZZ_SECONDS=600 $(BIN)/pytest -n 8 -p no:logging -rP tests/portal/test_fuzz.py tests/admin/test_fuzz.py

format: $(VENV)/.tools ## Mettre en forme
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

translations: $(VENV)/.tools ## Relever les phrases du portail et de ses courriels, compiler les catalogues
	mkdir -p var
	$(BIN)/pybabel extract --mapping babel.cfg --keywords _l --keywords to_translate --add-location file \
	  --sort-by-file --output var/messages.pot .
	$(BIN)/pybabel update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110 \
	  --input var/messages.pot --output-dir shared/translations
	$(BIN)/pybabel compile --directory shared/translations

clean: ## Enlever l'environnement et la démonstration
	rm -rf $(VENV) var

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --editable .
	touch $@

$(VENV)/.tools: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	touch $@ $(VENV)/.installed

# The browser tests drive Debian's Chromium; pdftoppm shows letters as they print.
$(VENV)/.chromium: | $(VENV)/bin/python
	@command -v chromium-headless-shell >/dev/null && command -v pdftoppm >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell poppler-utils; \
	  else \
	    echo "chromium-headless-shell or poppler-utils is missing: the tests that need them are skipped, or use another Chromium (apt install chromium-headless-shell poppler-utils)"; \
	  fi; }
	touch $@
