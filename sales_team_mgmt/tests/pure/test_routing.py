import random
from itertools import permutations
from time import perf_counter

import pytest
from stm_tools.routing import best_order, way_length


def places(count, seed=1):
    chance = random.Random(seed)
    return [(31 + chance.random(), 121 + chance.random()) for _ in range(count)]


@pytest.mark.parametrize("seed", range(8))
def test_the_way_is_close_to_the_best_one(seed):
    stops = places(6, seed)
    best = min(way_length(stops, order) for order in permutations(range(6)))
    assert way_length(stops, best_order(stops)) <= 1.1 * best


@pytest.mark.parametrize("seed", range(8))
def test_no_piece_of_the_way_is_better_turned_around(seed):
    stops, start = places(9, seed), (31.5, 121.5)
    order = best_order(stops, start)
    length = way_length(stops, order, start)
    for i in range(9):
        for j in range(i + 2, 10):
            turned = order[:i] + order[i:j][::-1] + order[j:]
            assert way_length(stops, turned, start) >= length - 0.01


def test_the_same_stops_give_the_same_way():
    stops = places(20)
    assert best_order(stops) == best_order(list(stops))


def test_every_stop_comes_once_whatever_its_position():
    stops = [*places(5), None, (0, 0), (91, 0), places(1)[0], None]
    order = best_order(stops)
    assert sorted(order) == list(range(10))
    assert order[-4:] == [5, 6, 7, 9]


def test_stops_at_one_place_keep_their_order():
    assert best_order([(31.2, 121.4)] * 5) == [0, 1, 2, 3, 4]


def test_forty_stops_are_fast():
    stops = places(40)
    before = perf_counter()
    best_order(stops)
    assert perf_counter() - before < 1
