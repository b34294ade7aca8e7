"""The grid worker's door: the page of the field app, its service worker and manifest. What the app says to the program goes
through the interface /api/v1/ as everybody's does; here is only what makes it an app.
"""
