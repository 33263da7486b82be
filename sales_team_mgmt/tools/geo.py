"""Positions on earth: what counts as one, and how far two of them are apart.

Latitudes and longitudes are decimal degrees (WGS 84). Unlike amounts they are measured,
not counted, so they are floats: a sixth decimal is a decimetre.
"""

from math import asin, cos, isfinite, radians, sin, sqrt

# Mean radius of the earth in metres (IUGG); a distance is exact to about 0.5 %.
EARTH_RADIUS = 6371008.8


def is_position(latitude: float | None, longitude: float | None) -> bool:
    """Whether two numbers are a place on earth.

    0, 0 is how Odoo stores “unknown”; it is no place where customers are.

    >>> is_position(31.2304, 121.4737), is_position(-90, 180), is_position(0, 121.5)
    (True, True, True)
    >>> is_position(0, 0), is_position(0.0, -0.0), is_position(None, None)
    (False, False, False)
    >>> is_position(90.1, 0), is_position(31.2, 180.1), is_position(31.2, None)
    (False, False, False)
    >>> is_position(float("nan"), 121.5), is_position(31.2, float("inf"))
    (False, False)
    >>> is_position(True, False), is_position("31.2", "121.5")
    (False, False)
    """
    for value in (latitude, longitude):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if not isfinite(value):
            return False
    if not latitude and not longitude:
        return False
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def distance(
    latitude1: float, longitude1: float, latitude2: float, longitude2: float
) -> float:
    """Metres between two positions, along the surface of the earth (haversine).

    One degree of latitude, and the People's Square to the Hongqiao station in Shanghai:

    >>> round(distance(31, 121, 32, 121))
    111195
    >>> round(distance(31.2304, 121.4737, 31.1943, 121.3205))
    15112
    >>> distance(31.2304, 121.4737, 31.2304, 121.4737)
    0.0

    Across the date line, and from pole to pole:

    >>> round(distance(0, 179.5, 0, -179.5))
    111195
    >>> round(distance(90, 0, -90, 0))
    20015114

    A metre more or less is seen, so limits can be tested at their edge:

    >>> round(distance(31.2304, 121.4737, 31.230409, 121.4737), 1)
    1.0
    """
    phi1, phi2 = radians(latitude1), radians(latitude2)
    half_latitude = sin((phi2 - phi1) / 2)
    half_longitude = sin(radians(longitude2 - longitude1) / 2)
    chord = half_latitude**2 + cos(phi1) * cos(phi2) * half_longitude**2
    # Rounding may push the chord of opposite points a hair above 1.
    return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, chord)))
