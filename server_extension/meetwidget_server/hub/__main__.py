"""``python -m meetwidget_server.hub``: the service, as the hub or an admin starts it."""

from __future__ import annotations

from meetwidget_server.hub.app import main

if __name__ == "__main__":
    main()
