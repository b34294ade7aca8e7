"""Desks and centres: shell, navigation, and the screens that join several nouns."""
