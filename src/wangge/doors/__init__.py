"""How people and machines come in; the doors do not know one another."""
