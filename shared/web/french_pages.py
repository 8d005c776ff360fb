"""Pages in French, as they leave: no line begins with « : ; ? ! », whoever wrote the sentence.

Templates, words of Python and texts that schools typed meet here alone, so that none of them has to remember.
"""

from collections.abc import Callable

from flask import Flask, Response

from shared.french import page_with_signs

HTML = "text/html"


def keep_signs_beside_words(app: Flask, is_french: Callable[[], bool] = lambda: True) -> None:
    """Let every page of `app` leave so, where `is_french` says that its words are."""

    @app.after_request
    def keep(response: Response) -> Response:
        if response.mimetype == HTML and not response.is_streamed and is_french():
            response.set_data(page_with_signs(response.get_data(as_text=True)))
        return response
