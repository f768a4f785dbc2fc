"""A friendly participant for demos: a kernel-side client like any other, in a process of its own.

``python -m meetwidget.bot --room demo --url http://localhost:8888/ --token …``
"""
