"""What is sent."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """What is sent.

    Attributes:
        title: one line.
        text: more lines.
        is_bad: whether something is wrong.
    """

    title: str
    text: str
    is_bad: bool
