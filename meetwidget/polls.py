"""Polls: ask the room, and read how it votes."""

from __future__ import annotations

from collections.abc import Iterator

from meetwidget.chat import CONFIRM_SECONDS, Chat
from meetwidget.errors import MeetError
from meetwidget.messages import Ballot, Message, Vote

BAR = 24
"""Characters of a bar for all votes."""


class Poll:
    """A poll of the room. Every property tells how it stands now."""

    def __init__(self, chat: Chat, message: Message) -> None:
        self._chat = chat
        self._message = message

    @property
    def message(self) -> Message:
        """The message that asks, as it reads now.

        Raises:
            MeetError: it has been deleted, or the relay was asked and did not answer.
        """
        self._message = self._chat.message(self._message.id)
        return self._message

    @property
    def id(self) -> str:
        """The message's id."""
        return self._message.id

    @property
    def question(self) -> str:
        """What is asked."""
        return self.message.body

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen."""
        return _ballot(self._message).options

    @property
    def multiple(self) -> bool:
        """Whether one may choose several."""
        return _ballot(self._message).multiple

    @property
    def votes(self) -> tuple[Vote, ...]:
        """Who chose what: one for each voter, in the order in which they chose."""
        return _ballot(self.message).votes

    @property
    def results(self) -> dict[str, int]:
        """Votes for each option, in the order of the options."""
        return _ballot(self.message).results

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return _ballot(self.message).closed

    def vote(self, *choices: str | int, timeout: float = CONFIRM_SECONDS) -> None:
        """Votes as this kernel; a later vote takes the place of an earlier, none withdraws it.

        Args:
            choices: options, by their text or by their place from 0.
            timeout: as for :meth:`Chat.send`.

        Raises:
            MeetError: no such option, several where one is asked, or the poll has ended.
        """
        self._chat.vote(self._message, *choices, timeout=timeout)

    def close(self, timeout: float = CONFIRM_SECONDS) -> None:
        """Ends it; the result stays. Who asked may do so, and moderators."""
        self._chat.close(self._message, timeout)

    def __repr__(self) -> str:
        try:
            message = self.message
        except MeetError as error:
            return f"({error})"
        ballot = _ballot(message)
        width = max(map(len, ballot.options))
        all_ = max(1, len(ballot.votes))
        lines = [
            f"{option:<{width}}  {count:>3}  {'█' * round(BAR * count / all_)}".rstrip()
            for option, count in ballot.results.items()
        ]
        voters = f"{len(ballot.votes)} {'vote' if len(ballot.votes) == 1 else 'votes'}"
        return "\n".join([f"{message.body} ({voters}{', closed' * ballot.closed})", *lines])


class Polls:
    """A room's polls; iterate over those that this kernel has seen, oldest first."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def ask(
        self,
        question: str,
        *options: str,
        multiple: bool = False,
        timeout: float = CONFIRM_SECONDS,
    ) -> Poll:
        """Asks the room.

        Args:
            question: Markdown.
            options: 2 to 20 different texts of 1 to 200 characters.
            multiple: whether one may choose several.
            timeout: as for :meth:`Chat.send`.

        Raises:
            MeetError: as :meth:`Chat.send` does, or the options are not such.
        """
        return Poll(self._chat, self._chat.ask(question, options, multiple, timeout))

    def __getitem__(self, message: Message | str) -> Poll:
        """Returns the poll that a message is."""
        found = self._chat.message(message if isinstance(message, str) else message.id)
        _ballot(found)
        return Poll(self._chat, found)

    def __iter__(self) -> Iterator[Poll]:
        return (Poll(self._chat, message) for message in self._chat.held() if message.poll)

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self)) or "(no polls yet)"


def _ballot(message: Message) -> Ballot:
    if message.poll is None:
        raise MeetError("That message is no poll.", "no-poll")
    return message.poll
