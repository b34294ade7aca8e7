"""Proofs that take no time, or never end. By themselves: a process that begins with them knows no database."""

import time


def slowly(_division, _distance, _seconds, told):
    """It has reached half and goes on for ever."""
    told[:4] = [4.0, 1.0, 10, 1]
    time.sleep(600)


def soon(_division, _distance, _seconds, told):
    told[:] = [4.0, 1.0, 10, 1, 1]
