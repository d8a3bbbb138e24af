"""Whether a service of ours publishes, submits or takes off right now, or somebody does it by
Wagtail's own pages or by code: then `contributions.signals` writes down what was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_acting: ContextVar[bool] = ContextVar("contributions.acting", default=False)


@contextmanager
def acting() -> Iterator[None]:
    """Mark what Wagtail does within as done, written down and told by a service of ours."""
    token = _acting.set(True)
    try:
        yield
    finally:
        _acting.reset(token)


def is_acting() -> bool:
    return _acting.get()
