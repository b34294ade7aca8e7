"""How people and machines come in; the doors do not know one another. Here lies only the frame that their pages share."""
