# « make » alone says what can be made.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STUDENTS ?= 300
# The databases of tests are thrown away: where there is such a place, they need not wait for the disk.
IN_MEMORY := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm)

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check servers unit browser bench faults fuzz coverage law defences hooks format translations lock
.PHONY: prosemirror audit dist deb packages clean

help: ## Dire ce qui peut être fait
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# SSO=1: LemonLDAP::NG as the portal of the académie and as an ENT, and a téléservice, as docs/sso.md tells.
# All of them by one name: browsers keep the cookies of LemonLDAP::NG for « localhost » only.
SSO_OPTION := $(if $(SSO),--sso)
SSO_PARTS := $(if $(SSO),$(VENV)/.lemonldap)
SSO_PLACES := $(if $(SSO),PUBLIC_ADMIN_URL=http://localhost:5001 PUBLIC_PORTAL_URL=http://localhost:5002)
demo: $(VENV)/.demo $(SSO_PARTS) ## Préparer et lancer une école inventée : administration, portail, courriels (SSO=1 : avec LemonLDAP::NG)
	$(SSO_PLACES) $(BIN)/teleservices demo --students $(STUDENTS) $(SSO_OPTION)
	$(SSO_PLACES) $(BIN)/teleservices serve --mailbox-port 5003 $(SSO_OPTION)

# What waits for the network goes on beside what computes.
test: ## Tout vérifier : style, types, contrats, tests, navigateur
	$(MAKE) --jobs 4 --output-sync check servers
	$(MAKE) unit
	$(MAKE) browser

test-all: ## De même, et ce qui passe d'habitude à tour de rôle (chaque base, chaque écran, les plus longs), et les paquets
	EVERY_DATABASE=1 EVERY_SCREEN=1 EVERY_TURN=1 $(MAKE) test packages faults

check: $(VENV)/.tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

servers: $(VENV)/.servers $(VENV)/.openid-client $(VENV)/.smpp

# It makes hosts of network namespaces, which not every machine allows: « make faults » runs it.
HOSTS = tests/operating/test_two_hosts.py
# Three for two cores: tests of faults wait, and the others have their turn meanwhile.
unit: $(VENV)/.tools servers
	$(IN_MEMORY) $(BIN)/pytest -n 3 --dist worksteal --ignore tests/browser --ignore tests/packaging \
	  --ignore $(HOSTS)

browser: $(VENV)/.tools servers
	$(IN_MEMORY) $(BIN)/pytest -n 3 --dist loadgroup tests/browser

packages: $(VENV)/.tools $(VENV)/.builders ## Construire le paquet Debian et l'image, et s'en servir dans une Debian vierge
	$(IN_MEMORY) $(BIN)/pytest -rs tests/packaging

bench: $(VENV)/.tools ## Mesurer, et imprimer des rapports à une référence (SCALE=1 : 1 000 établissements contre 200, seulement)
	$(BIN)/python -m tests.benchmarks $(if $(SCALE),growth)

faults: $(VENV)/.tools $(VENV)/.servers $(VENV)/.hosts ## Tuer, couper, remplir, bloquer : ce qui est perdu ou doublé, en un tableau
	FAULT_KILLS=50 FAULT_LOCK_SECONDS=10 $(IN_MEMORY) $(BIN)/pytest tests/notifications/faults tests/operating/test_upgrading.py $(HOSTS)

# A process for each of the twenty-four, however few processors: all of them end together.
FUZZED = tests/portal/test_fuzz.py tests/provider/test_fuzz.py tests/provider/ents/test_fuzz.py tests/admin/test_fuzz.py \
  tests/admin/test_sign_on_fuzz.py tests/admin/test_upload_fuzz.py
fuzz: $(VENV)/.tools ## Chercher dix minutes ce qui casse une page ou la lecture d'un fichier
	$(IN_MEMORY) EVERY_DATABASE=1 FUZZ_SECONDS=600 $(BIN)/pytest -n 24 -p no:logging -rP $(FUZZED)

# What runs in processes of its own (commands, workers, servers) is not counted: the floor is that of the rest.
coverage: $(VENV)/.tools servers ## Mesurer ce que les tests parcourent, et refuser d'en perdre
	$(IN_MEMORY) $(BIN)/pytest -n 3 --dist worksteal --ignore tests/browser --ignore tests/packaging \
	  --ignore $(HOSTS) --cov --cov-report term:skip-covered

# Of each law, on each database: together 10,000 histories of one school and of two. It takes hours.
law: $(VENV)/.tools ## Chercher longtemps un import qui prend une personne pour une autre
	EVERY_DATABASE=1 LAW_EXAMPLES=2500 $(IN_MEMORY) $(BIN)/pytest -rP --timeout 0 tests/siecle/recognising/test_who_is_who_law.py \
	  tests/siecle/recognising/test_two_schools_law.py

defences: $(VENV)/.tools ## Retirer chaque défense, et voir ses tests échouer
	$(IN_MEMORY) $(BIN)/python -m tests.defences

hooks: $(VENV)/.tools ## Vérifier style, types et contrats à chaque commit
	$(BIN)/pre-commit install

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

# Every version and every hash, for every Python and system that is supported; « pip » refuses anything else.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

lock: $(VENV)/.tools ## Choisir de nouveau les versions de tout ce qui est installé, après un changement de pyproject.toml
	$(LOCK) $(UPGRADE) pyproject.toml requirements/build.in --output-file requirements/app.txt
	$(LOCK) $(UPGRADE) --extra demo --constraint requirements/app.txt pyproject.toml requirements/build.in \
	  --output-file requirements/demo.txt
	$(LOCK) $(UPGRADE) --extra dev --constraint requirements/demo.txt pyproject.toml requirements/build.in \
	  --output-file requirements/dev.txt

prosemirror: ## Refaire admin_app/static/editor/prosemirror.js, la bibliothèque de l'éditeur de texte (il faut npm et le réseau)
	npm ci --prefix requirements/prosemirror --ignore-scripts --no-audit --no-fund --silent
	npm run build --prefix requirements/prosemirror --silent

audit: $(VENV)/.tools ## Chercher les failles connues dans ce qui est installé (il faut le réseau)
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements/app.txt
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements/dev.txt

dist: $(VENV)/.tools ## Construire le paquet (.whl) et la liste de ce qu'il contient (SBOM, CycloneDX)
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --output-reproducible \
	  --output-file dist/teleservices.cdx.json requirements/app.txt
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

DIST ?= dist
deb: $(VENV)/.demo ## Construire le paquet Debian, sur Debian 12 (apt install debhelper python3-venv)
	rm -rf $(DIST)/build && mkdir -p $(DIST)/build
	$(BIN)/python -m hatchling build --target sdist --directory $(abspath $(DIST))/build
	tar -xzf $(DIST)/build/teleservices-*.tar.gz -C $(DIST)/build
	cd $(DIST)/build/teleservices-*/ && dpkg-buildpackage --build=binary --unsigned-changes --unsigned-buildinfo
	mv $(DIST)/build/teleservices_*.deb $(DIST)
	rm -rf $(DIST)/build

clean: ## Enlever l'environnement et la démonstration
	rm -rf $(VENV) var

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

PIP = $(BIN)/pip install --quiet --disable-pip-version-check --no-compile

$(VENV)/.demo: pyproject.toml requirements/demo.txt | $(VENV)/bin/python
	$(PIP) --require-hashes --requirement requirements/demo.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.tools: pyproject.toml requirements/dev.txt | $(VENV)/bin/python
	$(PIP) --require-hashes --requirement requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@ $(VENV)/.demo

# Servers and tools of Debian that the tests use for real, where root may install them: the command (or a file) that tells
# that they are there, and their packages. The relays of docs/nginx.conf and docs/Caddyfile; what tries the rules of
# docs/surveillance and judges the units of docs/systemd; what brings PostgreSQL back to an instant; what shows letters as
# they print; what verifies the signatures of SAML, as the application does; a téléservice behind Apache, of which
# « apache2-bin » is the program alone, so that nothing starts by itself; the browser.
SERVERS := nginx:nginx-light caddy:caddy promtool:prometheus systemd-analyze:systemd pgbackrest:pgbackrest \
  pdftoppm:poppler-utils xmlsec1:xmlsec1 chromium-headless-shell:chromium-headless-shell \
  /usr/lib/apache2/modules/mod_auth_openidc.so:apache2-bin,libapache2-mod-auth-openidc
# Staff come in by the sign-on that French administrations run.
comma := ,
LEMONLDAP := plackup:$(subst $() $(),$(comma),$(strip liblemonldap-ng-portal-perl libplack-perl libio-string-perl \
  libxml-simple-perl libgd-securityimage-perl libimage-magick-perl libcrypt-openssl-rsa-perl libcrypt-openssl-x509-perl \
  liblasso-perl))
# They build the Debian package and the container image, and the clean Debian that it is installed in, with its systemd.
BUILDERS := dh:debhelper,python3-venv mmdebstrap:mmdebstrap systemd-nspawn:systemd-container curl:curl buildah:buildah podman:podman
# It makes two hosts of one machine.
HOSTS_OF := ip:iproute2

define installed
	@wanted=; for one in $(1); do \
	  probe=$${one%%:*}; \
	  command -v $$probe >/dev/null || [ -x /usr/sbin/$$probe ] || [ -f $$probe ] || \
	    wanted="$$wanted $$(echo $${one#*:} | tr , ' ')"; \
	done; \
	if [ -n "$$wanted" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$wanted; \
	  else \
	    echo "missing: the tests that need them are skipped (apt install$$wanted)"; \
	  fi; \
	fi
	touch $@
endef

$(VENV)/.servers: | $(VENV)/bin/python
	$(call installed,$(SERVERS) $(LEMONLDAP))

$(VENV)/.hosts: | $(VENV)/bin/python
	$(call installed,$(HOSTS_OF))

$(VENV)/.lemonldap: | $(VENV)/bin/python
	$(call installed,$(LEMONLDAP) xmlsec1:xmlsec1)

$(VENV)/.builders: | $(VENV)/bin/python
	$(call installed,$(BUILDERS))

define npm_installed
	@if command -v npm >/dev/null; then \
	  npm ci --prefix $(1) --ignore-scripts --no-audit --no-fund --silent; \
	else \
	  echo "npm is missing: the tests that need it are skipped (apt install nodejs npm)"; \
	fi
	touch $@
endef

# Téléservices that others made know families by the portal.
$(VENV)/.openid-client: tests/provider/node/package-lock.json | $(VENV)/bin/python
	$(call npm_installed,tests/provider/node)

# SMS leave by a gateway that speaks SMPP.
$(VENV)/.smpp: tests/notifications/sms/node/package-lock.json | $(VENV)/bin/python
	$(call npm_installed,tests/notifications/sms/node)
