"""Who may do what in which room: the rules of a host, apart from all that serves them.

Nothing here does I/O but :meth:`Policy.load`; everything is immutable. A service keeps one
:class:`Policy` and swaps it for a new one when its file changes; a file that cannot be used
raises :class:`PolicyError`, and the old policy goes on::

    policy = Policy.load(path, allow_guests=True)          # None: the built-in default
    decision = policy.decide(Subject("ada", "person", groups, scopes), "course-101/lab-3", record)
    if not decision.join:
        refuse(decision.code, decision.message)            # one sentence that says who can help
    grant = Grant(..., standing=decision.standing)

``record`` is ``None`` for a room that is not there; then ``decision.join`` needs the right to
create, too. Ask again for those inside when their groups or scopes change, or when the policy
does: no ``join`` means out, otherwise ``room.update_standing`` with the new standing.

A guest's subject is ``Subject(name, "guest")``; check their link (:mod:`.guests`) as well.
"""

from .file import PolicyError
from .policy import Policy
from .subject import JOIN_SCOPE, MODERATE_SCOPE, Decision, Subject

__all__ = ["JOIN_SCOPE", "MODERATE_SCOPE", "Decision", "Policy", "PolicyError", "Subject"]
