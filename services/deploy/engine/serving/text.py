"""The growing text of one answer: which characters may be sent after each token, and whether a stop string has appeared.

Decided here: a token may end inside a UTF-8 character, so text is held back while its decoded tail is unfinished; and a tail that may be
the beginning of a stop string is held back until it is clear that it is not. What was sent is never taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_REPLACED = "\ufffd"


class TextStream:
    """Turns tokens into text pieces whose concatenation is the answer.

    decode: token ids → text; must be the same for a whole and for its parts put together, apart from characters cut in the middle.
    stop: strings that end the answer; the stop string itself is not part of it.
    """

    def __init__(self, decode: Callable[[list[int]], str], stop: Sequence[str] = ()) -> None:
        self._decode = decode
        self._stop = tuple(stop)
        self._ids: list[int] = []
        self._context = 0  # where decoding starts: one clean boundary before the last, as some decoders look at the piece before
        self._boundary = 0  # tokens before this one ended on a whole character
        self._known = 0  # characters of the tokens between the two
        self._sent = 0  # characters of the text from ``_context`` on that were let go
        self._held = ""  # decoded, not sent: may begin a stop string
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """A stop string has appeared."""
        return self._stopped

    def push(self, token: int) -> str:
        """Text that may be sent now, often empty. After ``stopped`` is true nothing more is accepted."""
        assert not self.stopped
        self._ids.append(token)
        return self._filter(self._settle(final=False))

    def finish(self) -> str:
        """The rest that was held back. An unfinished character becomes U+FFFD."""
        text = "" if self.stopped else self._filter(self._settle(final=True))
        held, self._held = self._held, ""
        return text + held

    def _settle(self, final: bool) -> str:
        grown = self._decode(self._ids[self._context :])
        # A cut character decodes to one U+FFFD at the very end; whatever stands before it can no longer change.
        cut = grown.endswith(_REPLACED)
        piece = grown[self._sent : len(grown) - cut * (not final)]
        self._sent += len(piece)
        if not cut:
            self._context, self._boundary = self._boundary, len(self._ids)
            self._sent = self._known = len(grown) - self._known
        return piece

    def _filter(self, text: str) -> str:
        if not self._stop:
            return text
        pending = self._held + text
        ends = [at for at in (pending.find(stop) for stop in self._stop) if at >= 0]
        if ends:
            self._stopped, self._held = True, ""
            return pending[: min(ends)]
        keep = max(_overlap(pending, stop) for stop in self._stop)
        self._held = pending[len(pending) - keep :]
        return pending[: len(pending) - keep]


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of ``text`` that is a proper beginning of ``stop``."""
    for size in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:size]):
            return size
    return 0
