"""The base of every document that is read or written, and what one says that is refused."""

import pydantic
from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A document, or a part of one: never changes, and never prints what it was given."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def first_fault(error: pydantic.ValidationError) -> str:
    """Says what is wrong first in a document, and where; without the value."""
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}"
