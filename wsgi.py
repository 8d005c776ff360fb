"""The WSGI applications."""

from parent_portal import create_app as create_portal

portal = create_portal()
