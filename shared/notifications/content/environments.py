"""Where the words of mails and messages are read, in each language: one template each, under the name of its text."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.config import TEMPLATES
from shared.languages import Language, translations


def speaking(folder: str, language: Language, *, escapes: bool) -> Environment:
    """The templates of `folder` in `language`; a value that one lacks is an error. Callers keep it: it is not cheap."""
    environment = Environment(
        loader=FileSystemLoader(Path(TEMPLATES) / folder),
        autoescape=escapes,  # noqa: S701 - what is plain text is not escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    return environment
