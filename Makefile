# Every target is one line that a person could type.
PYTHON ?= python3
RUN = .venv/bin/python manage.py

.PHONY: demo dev test quick check lock messages lighthouse screenshots guide-pictures test-next

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && touch $@

.venv/dev: requirements-dev.txt
	$(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt && touch $@ .venv/run

demo: .venv/run ## run the site with its demo content on http://127.0.0.1:8000
	$(RUN) demo

dev: .venv/dev ## the same with auto-reload, for the one who writes the code
	$(RUN) demo --no-serve && DJANGO_SETTINGS_MODULE=config.settings.dev $(RUN) runserver

test: .venv/dev ## install what the tests need, check the code, run the whole suite on each database
	scripts/test

quick: .venv/dev ## the tests without browser and slow parts, on SQLite
	.venv/bin/python -m pytest -q -n auto -m "not browser and not slow"

check: .venv/dev ## format, lint, import order, migrations, messages, deployment settings
	scripts/check

lock: ## pin the requirements anew (needs uv)
	scripts/lock

messages: .venv/dev ## collect the interface strings into locale/ (needs gettext)
	$(RUN) make_messages

lighthouse: .venv/dev ## print Lighthouse's scores of home, list and practice (needs node)
	scripts/lighthouse

screenshots: .venv/dev ## take the pictures of the site in docs/ anew
	.venv/bin/python scripts/screenshots.py

guide-pictures: .venv/dev ## take the pictures of the editors' guide anew
	.venv/bin/python scripts/guide_pictures.py

test-next: ## run the suite on the newest Wagtail and say what would break
	scripts/test-next
