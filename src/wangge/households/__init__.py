"""Registers: what stands in an area and who lives there."""
