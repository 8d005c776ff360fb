"""What an identity provider says of whoever comes, however it is spoken to."""

from dataclasses import dataclass

from shared.sign_on.attributes import Attributes


@dataclass(frozen=True)
class Said:
    """What a provider says of whoever came back."""

    subject: str
    attributes: Attributes
    strengths: frozenset[str]
    """What it calls the way the person logged in there: its `acr`, and each `amr`."""
    session: str
    """What it calls its session; empty when it does not."""
    id_token: str = ""
    """What is shown to end that session as well; OpenID Connect only."""
