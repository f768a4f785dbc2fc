"""Sound and pictures between NumPy and the relay. Only the ``desk`` works without PyAV."""
