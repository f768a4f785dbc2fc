"""Bad lines to order: two network namespaces, and between them a line that loses, delays and queues.

The kernels of test machines often lack ``netem``. A TUN device in each namespace and a small process
that carries their packets do the same, and can be told to change at run time.
"""
