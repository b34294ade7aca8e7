"""Registers, side by side: what stands in an area and who lives there. So far the named estates and natural villages."""
