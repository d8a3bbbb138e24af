"""For worker processes that a test starts: the running test database, and handlers to be killed."""

import os

from config.settings.test import *  # noqa: F403
from config.settings.test import DATABASES, INSTALLED_APPS

DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]
INSTALLED_APPS += ["tests.core.outbox_handlers.OutboxHandlersConfig"]
