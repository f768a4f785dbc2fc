"""Bots: programs that take part in a room, said as functions and when to call them.

What every bot needs besides its own idea is here once: joining and coming back, commands, timers,
tiles that keep going, an end on Ctrl-C.
"""
