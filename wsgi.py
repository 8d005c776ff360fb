"""The WSGI applications: each at its own address, or both behind one port."""

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from admin_app import create_app as create_admin
from parent_portal import create_app as create_portal

portal = create_portal()
admin = create_admin()
application = DispatcherMiddleware(portal, {"/administration": admin})
