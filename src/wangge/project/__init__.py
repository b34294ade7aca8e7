"""Wiring only: settings, addresses, start-up, the command line and the embedded database."""
