"""Running the dashboard: listener, WSGI server, one instance for each workspace."""
