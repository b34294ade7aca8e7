"""The screens of the console; each parses, calls one query or action, and presents."""
