"""What an operator sees of a relay: metrics, logs, and the books of who did what (audit)."""
