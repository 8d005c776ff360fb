"""Whatever is typed in any form or address of the back office, nothing breaks down."""

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing import fields_of, fuzz, parameters, path_of, routes, values


def test_no_parameter_and_no_form_breaks_the_back_office(app, head, school_a):
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    every, asked = routes(app), parameters(app)
    known = {name: value for name, value in vars(school_a).items() if name.endswith("_id")}

    @fuzz
    @given(st.data())
    def look(data):
        rule, method = data.draw(st.sampled_from(every))
        path = path_of(data, rule, known)
        query = data.draw(st.dictionaries(st.sampled_from(asked), values, max_size=4))
        shown = head.get(path, **query) if "GET" in rule.methods else None
        assert shown is None or shown.status_code < 500, (path, query)
        if method == "POST":
            names = fields_of(shown) if shown is not None else []
            typed = {name: data.draw(values, label=name) for name in names}
            answer = head.post(path, typed)
            assert answer.status_code < 500, (path, typed)

    look()
