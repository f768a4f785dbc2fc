"""The relay: a Jupyter server extension."""
