"""Case numbers that people can say on the phone."""

from datetime import date


def number_prefix(county_code: str, on: date) -> str:
    """`0703-261124`: four digits of the county's division code, and the local date of receipt."""
    return f"{county_code[2:6]}-{on:%y%m%d}"


def case_number(county_code: str, on: date, serial: int) -> str:
    """County, date and serial: `0703-261124-0007`. A fifth digit follows when a county has more than 9,999 a day."""
    return f"{number_prefix(county_code, on)}-{serial:04d}"
