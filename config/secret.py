"""The secret of an installation, made by the machine itself so that nobody has to."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def read_or_create_secret(path: Path) -> str:
    """
    Return the secret kept in a file, made at random on first use.

    Several processes may start at once: each writes a file of its own and tries to give it the
    name; the first wins, and none ever reads a file that is half written.

    :param path: where the secret is kept; readable by its owner alone
    """
    if not path.exists():
        mine = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return path.read_text().strip()
