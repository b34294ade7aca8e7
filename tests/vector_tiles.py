"""Reads a vector tile as the specification says it is written (Mapbox Vector Tile 2.1), apart from the code that writes it."""

from dataclasses import dataclass, field


@dataclass
class Feature:
    id: int
    kind: int
    properties: dict
    #: Points, or rings of corners; rings are not closed by a repeated corner.
    shape: list = field(default_factory=list)


def read(content: bytes) -> dict:
    """Layer name → (extent, features)."""
    layers = {}
    for number, body in _fields(content):
        assert number == 3
        name, keys, values, raw, extent, version = "", [], [], [], 4096, 1
        for part, value in _fields(body):
            if part == 1:
                name = value.decode()
            elif part == 2:
                raw.append(value)
            elif part == 3:
                keys.append(value.decode())
            elif part == 4:
                [(kind, held)] = _fields(value)
                values.append(held.decode() if kind == 1 else bool(held))
            elif part == 5:
                extent = value
            elif part == 15:
                version = value
        assert version == 2
        layers[name] = (extent, [_feature(one, keys, values) for one in raw])
    return layers


def _feature(content, keys, values):
    found = dict(_fields(content))
    tags = _numbers(found[2])
    properties = {keys[tags[at]]: values[tags[at + 1]] for at in range(0, len(tags), 2)}
    return Feature(found[1], found[3], properties, _shape(_numbers(found[4]), found[3]))


def _shape(numbers, kind):
    x = y = at = 0
    rings = []
    while at < len(numbers):
        command, count = numbers[at] & 7, numbers[at] >> 3
        at += 1
        if command == 7:
            assert count == 1
            continue
        if command == 1:
            assert count == 1
            rings.append([])
        for _ in range(count):
            x += _signed(numbers[at])
            y += _signed(numbers[at + 1])
            at += 2
            rings[-1].append((x, y))
    return [ring[0] for ring in rings] if kind == 1 else rings


def _signed(number):
    return (number >> 1) ^ -(number & 1)


def _numbers(content):
    found, at = [], 0
    while at < len(content):
        value, at = _number(content, at)
        found.append(value)
    return found


def _number(content, at):
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _fields(content):
    at = 0
    while at < len(content):
        tag, at = _number(content, at)
        if tag & 7 == 0:
            value, at = _number(content, at)
        else:
            assert tag & 7 == 2
            length, at = _number(content, at)
            value, at = content[at : at + length], at + length
        yield tag >> 3, value
