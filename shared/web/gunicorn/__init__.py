"""How gunicorn serves each application: `gunicorn -c python:shared.web.gunicorn.portal`, and `….admin`."""
