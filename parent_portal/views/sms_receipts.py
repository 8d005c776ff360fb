"""What an SMS gateway calls by itself: what became of the messages that it took (R18, R36).

It shows the secret of the installation as it can: `Authorization: Bearer`, a password in the address that it calls
(Basic), or the end of that address. Whoever shows none finds no page. What is said of messages that are none of ours
is answered as what is noted is.
"""

import logging
import secrets
from collections.abc import Mapping

from flask import Blueprint, Response, abort, request

from parent_portal.installation import installation, let_go, network_address, session
from shared import clock
from shared.notifications.sms_receipts.calls import note_call
from shared.notifications.sms_receipts.told import read_call

bp = Blueprint("sms_receipts", __name__, url_prefix="/sms/accuses")

log = logging.getLogger(__name__)


@bp.route("", methods=("GET", "POST"))
@bp.route("/<token>", methods=("GET", "POST"))
def take(token: str = "") -> Response:
    """Note what the gateway says; the same answer whatever it says, and however often."""
    if not _is_the_gateway(token):
        abort(404)
    if request.method == "HEAD":
        return Response(status=204)
    said = _said()
    if said is None:
        log.warning("the SMS gateway called from %r with what is no receipt", network_address())
        abort(400)
    if request.method == "GET":
        # Gateways call so, OVH's among them, and it has shown who it is.
        installation().database.open(writing=True)
    noted = note_call(session(), read_call(said, installation().settings), clock.now())
    let_go()
    log.info("the SMS gateway called: %d receipts noted", noted)
    return Response(status=204)


def _is_the_gateway(shown: str) -> bool:
    secret = installation().settings.sms_receipts_secret
    if secret is None:
        return False
    told = request.authorization
    in_header = (told.token or told.password or "") if told else ""
    return any(secrets.compare_digest(one.encode(), secret.encode()) for one in (in_header, shown))


def _said() -> object:
    """The fields of the query, of a form, or the JSON of the body; none when the body is not what it says it is."""
    if request.is_json:
        try:
            return request.get_json(silent=True)
        except RecursionError:
            return None
    fields: Mapping[str, str] = request.form if request.method == "POST" and request.form else request.args
    return dict(fields.items())
