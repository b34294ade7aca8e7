"""The residents' door: what this installation is, and where to go from here. Readable by anyone, without a script."""
