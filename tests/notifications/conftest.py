import pytest

from tests.notifications import kinds
from tests.smtp import mail_server


@pytest.fixture(autouse=True)
def _kinds():
    kinds.register()
    yield
    kinds.forget()


@pytest.fixture
def mailbox(settings):
    """A real mail server, to which the site sends."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "site@example.org"
        yield server
