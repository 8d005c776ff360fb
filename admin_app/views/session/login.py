"""« Connexion », in two steps for whoever has a second factor, and « Déconnexion »."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app import access
from admin_app.access import Need
from admin_app.installation import installation, let_go, public_address, session, today
from admin_app.page import Page, expose
from admin_app.ui.forms.own import CodeForm, LoginForm
from admin_app.visitors import (
    be_nobody,
    caller,
    enter,
    keep_waiting,
    leave,
    own_token,
    visitor,
    wait_for_code,
    waiting_staff,
    waiting_token,
    welcome,
)
from shared import clock
from shared.database import hasten
from shared.limits.browsers import OF_STAFF
from shared.models.staff import Staff
from shared.sign_on.providers import open_providers, still_known
from shared.staff.access import StaffVisit, establishments_open_to
from shared.staff.invitations import invitations_of
from shared.staff.logins import (
    StaffCandidate,
    StaffDisabled,
    StaffPasswordReplaced,
    accept_staff_password,
    begin_staff_login,
    complete_staff_login,
    refuse_staff_login,
)
from shared.staff.second_factor import accepts_code
from shared.staff.sessions import CameBy, came_by

WRONG = "L'identifiant ou le mot de passe n'est pas le bon. Vérifiez les deux, puis recommencez."
CLOSED = "Cet accès a été fermé. Adressez-vous au chef d'établissement."
WRONG_CODE = (
    "Ce code n'est pas le bon, ou il a déjà servi. Attendez que le téléphone en montre un autre, puis tapez-le. "
    "Chaque code de secours ne sert qu'une fois."
)
TOO_LATE = "Vous avez attendu plus de dix minutes : tapez de nouveau votre mot de passe."


class LoginPage(Page):
    """The only page that opens for everybody."""

    name, path, place, need, listed = "Connexion", "/connexion", "login", Need.NOTHING, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The form that asks for a login and a password, and the identity providers."""
        if visitor() is not None:
            return redirect(url_for("admin.index"), 303)
        return self.render("admin/login.html", providers=open_providers(session()))

    @expose("/", methods=("POST",))
    def submit(self) -> ResponseReturnValue:
        """Log in; a wrong password and an unknown login get one and the same answer."""
        form = LoginForm()
        login = form.login.data
        # Committed first: no lock is held while the password is looked at. What becomes of it waits for the disk.
        hasten(session())
        candidate = begin_staff_login(caller(), login)
        let_go()
        if not candidate.accepts(form.password.data):
            return self._refuse(candidate, login)
        return self._go_on(candidate, login)

    def _go_on(self, candidate: StaffCandidate, login: str) -> ResponseReturnValue:
        try:
            staff = accept_staff_password(session(), candidate)
        except StaffDisabled:
            let_go()
            return self._show(login, CLOSED)
        except StaffPasswordReplaced:
            return self._refuse(candidate, login)
        if staff.factor_set_at is None:
            return log_in(staff, proved_factor=False)
        token = wait_for_code(session(), staff)
        keep_waiting(token)
        return redirect(url_for("login_code.index"), 303)

    def _refuse(self, candidate: StaffCandidate, login: str) -> ResponseReturnValue:
        refuse_staff_login(caller(), candidate)
        let_go()
        return self._show(login, WRONG)

    def _show(self, login: str, refusal: str) -> ResponseReturnValue:
        providers = open_providers(session())
        return self.render("admin/login.html", login=login, refusal=refusal, providers=providers), 422


class LoginCodePage(Page):
    """The second step: opens for a browser that gave the right password, for ten minutes."""

    name, path, place, need, listed = "Code de connexion", "/connexion/code", "login_code", Need.NOTHING, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The form that asks for the code of the second factor."""
        if visitor() is not None or waiting_staff(session()) is None:
            return redirect(url_for("login.index"), 303)
        return self.render("admin/login_code.html")

    @expose("/", methods=("POST",))
    def submit(self) -> ResponseReturnValue:
        """Log in, or refuse the code; attempts are counted like those of passwords."""
        staff = waiting_staff(session())
        if staff is None:
            if waiting_token():
                flash(TOO_LATE, "info")
            return redirect(url_for("login.index"), 303)
        now = clock.now()
        if not accepts_code(caller(), staff, installation().sealer, CodeForm().typed()):
            let_go()
            return self.render("admin/login_code.html", refusal=WRONG_CODE), 422
        came = came_by(session(), waiting_token(), now)
        OF_STAFF.close(session(), waiting_token())
        return log_in(staff, proved_factor=True, came=came)


class LogoutPage(Page):
    """A button, not a link: no other site can press it."""

    name, path, place, need, listed = "Déconnexion", "/deconnexion", "logout", Need.LOGIN, False

    @expose("/", methods=("POST",))
    def index(self) -> ResponseReturnValue:
        """End the session in the database too: the cookie, kept by somebody, opens nothing any more."""
        came = came_by(session(), own_token(), clock.now())
        OF_STAFF.close(session(), own_token())
        leave()
        # Whatever comes now, the session is over.
        let_go()
        here, back = installation(), public_address(url_for("sign_on.back"))
        still = still_known(session(), came, here.sealer, back) if came else None
        # The provider may be asked, with no transaction open.
        let_go()
        address = still.ended_at(here.discovery, public_address(url_for("login.index"))) if still else None
        if still is None or address is None:
            flash("Vous êtes déconnecté.", "info")
            return redirect(url_for("login.index"), 303)
        be_nobody()
        return self.render("admin/left.html", name=still.name, address=address)


def log_in(staff: Staff, *, proved_factor: bool, came: CameBy | None = None) -> ResponseReturnValue:
    """Open a session in this browser and go on to the page that was wanted; `came` by a provider, else a password."""
    complete_staff_login(caller(), staff)
    token = welcome(session(), staff, proved_factor=proved_factor, came=came)
    # Whoever comes from a provider comes by an address that is only read.
    let_go()
    # Else nobody would know that something waits.
    wanted = url_for("invitations.index") if invitations_of(session(), staff) else access.wanted_page()
    enter(staff, token)
    visit = StaffVisit(staff, today(), came.provider_id if came else None)
    open_to = establishments_open_to(session(), visit, limit=2)
    if len(open_to) == 1:
        access.choose(open_to[0].id, only_one=True)
    return redirect(wanted, 303)
