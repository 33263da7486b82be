"""Clusters of points on a map: which grid a view gets, and what one cell of it holds.

The world is a square of 1 by 1, as all web maps draw it (Mercator): x grows to the
east, y to the south. A cell of the grid becomes one point on the map, so the answer to
a view is bounded however many points there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import asinh, pi, radians, tan

# Where the square of the web maps ends, in degrees of latitude.
MAX_LATITUDE = 85.0511
# Width of the world in pixels at zoom 0, and of a cell of the grid.
WORLD_PIXELS = 256
CELL_PIXELS = 64
MAX_ZOOM = 22
# Most cells that one view gets; a view on a large screen gets larger cells.
MAX_CELLS = 600


@dataclass(frozen=True)
class Bounds:
    """What a view shows, in degrees. With the west edge east of the east edge it
    spans the date line."""

    south: float
    west: float
    north: float
    east: float

    @property
    def spans_date_line(self) -> bool:
        return self.west > self.east


def parse_bounds(value) -> Bounds:
    """Bounds from what a client sent; a ValueError names the edge that is wrong.

    >>> parse_bounds({"south": 30, "west": 120, "north": 32, "east": 122.5})
    Bounds(south=30.0, west=120.0, north=32.0, east=122.5)
    >>> parse_bounds({"south": -10, "west": 179, "north": 10, "east": -179})
    Bounds(south=-10.0, west=179.0, north=10.0, east=-179.0)
    >>> parse_bounds({"south": 91, "west": 120, "north": 92, "east": 122})
    Traceback (most recent call last):
    ValueError: south
    >>> parse_bounds({"south": 32, "west": 120, "north": 30, "east": 122})
    Traceback (most recent call last):
    ValueError: north
    >>> parse_bounds({"south": 30, "west": 120, "north": 32, "east": True})
    Traceback (most recent call last):
    ValueError: east
    >>> parse_bounds({"south": 30, "west": 120, "north": 32, "east": float("nan")})
    Traceback (most recent call last):
    ValueError: east
    >>> parse_bounds([30, 120, 32, 122])
    Traceback (most recent call last):
    ValueError: bounds
    """
    edges = {"south": 90, "west": 180, "north": 90, "east": 180}
    if not isinstance(value, dict) or value.keys() != edges.keys():
        raise ValueError("bounds")
    for edge, limit in edges.items():
        number = value[edge]
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise ValueError(edge)
        if not -limit <= number <= limit:
            raise ValueError(edge)
    bounds = Bounds(**{edge: float(value[edge]) for edge in edges})
    if bounds.south > bounds.north:
        raise ValueError("north")
    return bounds


def world_x(longitude: float) -> float:
    """
    >>> world_x(-180), world_x(0), world_x(180)
    (0.0, 0.5, 1.0)
    """
    return (longitude + 180) / 360


def world_y(latitude: float) -> float:
    """
    >>> round(world_y(90), 4), world_y(0), round(world_y(-90), 4)
    (0.0, 0.5, 1.0)
    >>> round(world_y(31.2304), 4)
    0.4086
    """
    clipped = max(-MAX_LATITUDE, min(MAX_LATITUDE, latitude))
    return 0.5 - asinh(tan(radians(clipped))) / (2 * pi)


def cells_around_the_world(bounds: Bounds, zoom: int) -> int:
    """How many cells the grid has from west to east (and from north to south).

    Usually a cell is 64 pixels wide:

    >>> city = Bounds(30.1, 119.9, 30.4, 120.5)
    >>> cells_around_the_world(city, 11)
    8192

    A view that would get too many cells, because the screen is large or because
    somebody asks for the whole world at once, gets larger ones:

    >>> world = Bounds(-90, -180, 90, 180)
    >>> [cells_around_the_world(world, zoom) for zoom in (0, 2, 3, 18)]
    [4, 16, 16, 16]
    """
    width = world_x(bounds.east) - world_x(bounds.west) + bounds.spans_date_line
    height = world_y(bounds.south) - world_y(bounds.north)
    cells = WORLD_PIXELS // CELL_PIXELS << zoom
    # An edge cuts through a cell, and so does the opposite one.
    while cells > 1 and (width * cells + 2) * (height * cells + 2) > MAX_CELLS:
        cells //= 2
    return cells


@dataclass
class Cluster:
    """The points of one cell."""

    count: int = 0
    latitude: float = 0.0
    longitude: float = 0.0
    south: float = 90.0
    west: float = 180.0
    north: float = -90.0
    east: float = -180.0
    #: How many of the points are of which class.
    classes: dict = field(default_factory=dict)
    #: The lowest id in it: of a single point its own.
    first_id: int = 0

    @property
    def class_id(self):
        """The class that most of the points have; of several the lowest."""
        return min(self.classes, key=lambda key: (-self.classes[key], key or 0))


def merge(rows: Iterable[tuple]) -> list[Cluster]:
    """Clusters from rows (column, row, class, count, mean latitude, mean longitude,
    south, west, north, east, lowest id), of which a cell has one a class.

    >>> rows = [
    ...     (1, 1, 7, 1, 30.0, 120.0, 30.0, 120.0, 30.0, 120.0, 5),
    ...     (1, 1, 8, 3, 30.4, 120.4, 30.3, 120.3, 30.5, 120.6, 2),
    ...     (2, 1, None, 1, 31.0, 121.0, 31.0, 121.0, 31.0, 121.0, 9),
    ... ]
    >>> crowd, single = merge(rows)
    >>> crowd.count, round(crowd.latitude, 6), crowd.class_id, crowd.first_id
    (4, 30.3, 8, 2)
    >>> crowd.south, crowd.west, crowd.north, crowd.east
    (30.0, 120.0, 30.5, 120.6)
    >>> single.count, single.latitude, single.class_id, single.first_id
    (1, 31.0, None, 9)
    """
    clusters: dict[tuple, Cluster] = {}
    for column, row, key, count, latitude, longitude, *box, first_id in rows:
        cluster = clusters.setdefault((column, row), Cluster(first_id=first_id))
        total = cluster.count + count
        cluster.latitude += (latitude - cluster.latitude) * count / total
        cluster.longitude += (longitude - cluster.longitude) * count / total
        cluster.south = min(cluster.south, box[0])
        cluster.west = min(cluster.west, box[1])
        cluster.north = max(cluster.north, box[2])
        cluster.east = max(cluster.east, box[3])
        cluster.count = total
        cluster.classes[key] = cluster.classes.get(key, 0) + count
        cluster.first_id = min(cluster.first_id, first_id)
    return list(clusters.values())
