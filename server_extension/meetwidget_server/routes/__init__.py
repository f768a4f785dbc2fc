"""Tornado handlers: HTTP and WebSocket on one side, the relay on the other."""
