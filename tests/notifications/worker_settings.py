"""For worker processes that a test starts: they mail to the test's own mail server."""

import os

from tests.settings_worker import *  # noqa: F403
from tests.settings_worker import INSTALLED_APPS

INSTALLED_APPS += ["tests.notifications.kinds.NoticeKindsConfig"]
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["WORKER_MAIL_PORT"])
