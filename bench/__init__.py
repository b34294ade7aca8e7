"""Measures what the project promises about speed and memory: `python -m bench [name …]`, one JSON object per line.

Each line: `name`, `value` in `unit`, the `floor` that it is held against (measured in the same run), their `ratio`, the
`limit` that was promised for it, and `runs`, the ratio of each run; the medians are told. Everything runs on a database of
its own in a temporary folder, with the settings that the program ships; the load generator shares the same cores.
"""
