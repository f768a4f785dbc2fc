"""HTTP and WebSocket on one side, the relay on the other.

What an endpoint does is written once (``base``, ``tickets``, ``rooms``, ``sockets``, ``control``,
``media``); who asks and what they may is the front's word: :mod:`.jupyter` inside a Jupyter
server, :mod:`meetwidget_server.hub` as a service of a JupyterHub.
"""
