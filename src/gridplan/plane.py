"""Degrees to metres on a plane and back: good to a part in a thousand within 100 km of its origin, which a city needs."""

from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

#: The ellipsoid of WGS 84: its half axis in metres and its flatness.
HALF_AXIS, SQUARED_ECCENTRICITY = 6_378_137.0, 0.00669437999014


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane that touches the earth at a point, given in degrees of WGS 84; x goes east, y north."""

    lon: float
    lat: float

    @property
    def metres_per_degree(self) -> NDArray[np.float64]:
        flat = 1 - SQUARED_ECCENTRICITY * sin(radians(self.lat)) ** 2
        north = HALF_AXIS * (1 - SQUARED_ECCENTRICITY) / flat**1.5
        east = HALF_AXIS / sqrt(flat) * cos(radians(self.lat))
        return np.array([radians(1) * east, radians(1) * north])

    def to_metres(self, degrees: Any) -> NDArray[np.float64]:
        return (np.asarray(degrees, float) - [self.lon, self.lat]) * self.metres_per_degree

    def to_degrees(self, metres: Any) -> NDArray[np.float64]:
        return np.asarray(metres, float) / self.metres_per_degree + [self.lon, self.lat]

    def shape_to_metres(self, shape: BaseGeometry) -> BaseGeometry:
        moved: BaseGeometry = shapely.transform(shape, self.to_metres)
        return moved

    def shape_to_degrees(self, shape: BaseGeometry) -> BaseGeometry:
        moved: BaseGeometry = shapely.transform(shape, self.to_degrees)
        return moved
