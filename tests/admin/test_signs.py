"""No line of a page of the back office begins with a sign, or ends with an opening one."""

from tests.admin.test_access import FOR_NOBODY_LOGGED_IN, OF_A_LINK, ask, routes
from tests.signs import loose_signs

HTML = "text/html"


def test_no_line_of_any_page_begins_with_a_sign(app, academy, school_a):
    found, seen = {}, 0
    for rule, method in routes(app):
        if method == "GET" and rule.endpoint not in {*FOR_NOBODY_LOGGED_IN, *OF_A_LINK}:
            page = ask(academy, rule, method, school_a)
            if page.mimetype == HTML and (loose := loose_signs(page.text)):
                found[rule.rule] = loose
            seen += page.mimetype == HTML
    assert found == {}
    assert seen > 80


def test_a_refusal_and_a_failure_keep_their_signs_too(app, head, monkeypatch):
    pages = [head.get("/rien/"), head.get("/responsables/comptes/?apres=%00"), head.post("/parametrage/message/")]
    assert [loose_signs(page.text) for page in pages if page.mimetype == HTML] == [[]] * len(pages)


def test_what_somebody_typed_comes_back_as_it_was(head, school_a):
    typed = "Bonjour : « oui » ; vraiment ? Oui !"
    saved = head.post("/parametrage/message/", {"etablissement": school_a.id, "message": f"<p>{typed}</p>"})
    page = head.get("/parametrage/message/").text

    assert saved.status_code < 400
    assert f"&lt;p&gt;{typed}&lt;/p&gt;" in page
