"""Tables of the back office as Flask-Admin's users know them: sorted, searched, filtered, paged by key, exported."""
