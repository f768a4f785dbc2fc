"""The protocol as types, shared by the relay, the kernel client and (generated) the browser."""
