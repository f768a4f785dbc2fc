"""A user's server on a hub: relays nothing itself, and passes calls on to the hub's service.

On a hub everybody has a server of their own, so a relay in each would keep them apart. The
page still asks its own server, which forwards the call with the credential of whoever asks:
never with its own, or every visitor of a shared server would meet as its owner.
"""
