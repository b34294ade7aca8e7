"""A proof that has reached half and goes on for ever. By itself: a process that begins with it knows no database."""

import time


def slowly(_division, _seconds, told):
    told[:4] = [4.0, 1.0, 10, 1]
    time.sleep(600)
