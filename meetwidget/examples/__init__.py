"""Bots to use as they are, and to copy: ``meetwidget bot examples/quiz --room demo``."""
