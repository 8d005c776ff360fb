"""Whatever is typed in any form or address of the portal, nothing breaks down."""

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.fuzzing import fields_of, fuzz, parameters, path_of, routes, values
from tests.portal.browser import Browser

WITHOUT_A_PAGE = ["language", "here"]
"""The fields of forms that every page holds."""


def test_no_parameter_and_no_form_breaks_the_portal(family: None, portal: Flask) -> None:
    portal.testing, portal.config["PROPAGATE_EXCEPTIONS"] = False, False
    browsers = [Browser(portal, f"198.51.100.{number}") for number in range(3)]
    browsers[0].log_in("m.payet", PASSWORD)
    browsers[1].log_in("p.hoarau", INITIAL_PASSWORD)
    every, asked = routes(portal), parameters(portal)

    @fuzz
    @given(st.data())
    def look(data: st.DataObject) -> None:
        rule, method = data.draw(st.sampled_from(every))
        browser = data.draw(st.sampled_from(browsers))
        path = path_of(data, rule, {})
        query = data.draw(st.dictionaries(st.sampled_from(asked), values, max_size=3))
        shown = browser.get(path, query_string=query) if "GET" in (rule.methods or ()) else None
        assert shown is None or shown.status_code < 500, (path, query)
        if method == "POST":
            names = fields_of(shown) if shown is not None else WITHOUT_A_PAGE
            typed = {name: data.draw(values, label=name) for name in names}
            answer = browser.post(path, **typed)
            assert answer.status_code < 500, (path, typed)

    look()
