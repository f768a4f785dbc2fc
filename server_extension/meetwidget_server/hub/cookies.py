"""The secret that signs the service's cookies; kept, so that a restart signs nobody out."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from meetwidget_server.hub.environment import StartError

SECRET_BYTES = 32


def cookie_secret(database: Path) -> bytes:
    """Returns the secret kept beside the database, made on first use, readable by its owner only.

    Raises:
        StartError: it cannot be read or kept, or others can read it.
    """
    path = database.with_name(database.name + ".cookie-secret")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(SECRET_BYTES).encode())
        if path.stat().st_mode & 0o077:
            raise StartError(
                f"Others can read {path}, which signs people's cookies: run chmod 600 on it."
            )
        secret = path.read_bytes()
    except OSError as error:
        raise StartError(
            f"{path} cannot be read or written ({error.strerror}): make its folder writable, or"
            " set MeetRelay.database to another file."
        ) from None
    if len(secret) < SECRET_BYTES:
        raise StartError(f"{path} is too short to sign cookies with: delete it.")
    return secret
