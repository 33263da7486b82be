import pytest
from stm_tools.schedules import (
    Hours,
    Stop,
    Week,
    Wish,
    arrange,
    clock,
    latest_departure,
    plan_week,
    too_tight,
    travel_minutes,
)


def minutes(text):
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def times(day):
    return {key: clock(start) for key, start in day.starts.items()}


@pytest.mark.parametrize(
    ("ends", "warns"), [("13:00", False), ("13:01", True), ("13:10", True)]
)
def test_at_day_02_half_an_hour_is_left_besides_the_way(ends, warns):
    assert clock(latest_departure(minutes("14:00"), 30, 30)) == "13:00"
    warning = too_tight(minutes(ends), minutes("14:00"), 30, 30, "One", "Two")
    assert bool(warning) is warns
    if warns:
        assert "13:00" in warning


def test_a_translator_gets_the_text_with_its_values():
    class Other:
        def _(self, text, **values):
            return "|".join(f"{name}={values[name]}" for name in sorted(values))

    sentence = too_tight(790, 840, 30, 30, "One", "Two", env=Other())
    assert sentence == (
        "appointment=14:00|buffer=30|customer=Two|end=13:10|latest=13:00|previous=One"
        "|travel=30"
    )


@pytest.mark.parametrize(
    ("metres", "speed", "detour", "expected"),
    [(15000, 30, 1, 30), (15000, 30, 1.3, 39), (500, 30, 1, 1), (510, 30, 1, 2)],
)
def test_the_way_is_rounded_up_to_whole_minutes(metres, speed, detour, expected):
    assert travel_minutes(metres, speed, detour) == expected


def test_the_way_between_unknown_places_takes_no_time():
    assert Hours().way(None, (31, 121)) == 0
    assert Hours().way((0, 0), (31, 121)) == 0
    assert Hours(speed=30, detour=1).way((31, 121), (31, 121.05)) == 10


def test_eight_half_hours_fit_into_a_day():
    day = arrange([Stop(number, 30) for number in range(8)], Hours())
    assert list(day.starts.values()) == [540 + 60 * number for number in range(8)]
    assert not day.refused


def test_the_first_ones_are_kept_when_the_day_is_full():
    day = arrange([Stop(number, 120) for number in range(5)], Hours())
    assert list(day.starts) == [0, 1, 2]
    assert day.refused == {3: "day_full", 4: "day_full"}


def test_the_day_ends_when_it_ends():
    hours = Hours(start=540, end=660)
    assert arrange([Stop("a", 120)], hours).starts == {"a": 540}
    assert arrange([Stop("a", 121)], hours).refused == {"a": "day_full"}


def test_customers_are_visited_when_they_receive():
    day = arrange(
        [
            Stop("late", 60, windows=((minutes("15:00"), minutes("17:00")),)),
            Stop("early", 60, windows=((minutes("09:30"), minutes("10:30")),)),
            Stop("any", 60),
        ],
        Hours(),
    )
    assert times(day) == {"early": "09:30", "any": "11:00", "late": "15:00"}


def test_a_window_that_closes_a_minute_early_is_missed():
    window = (minutes("10:00"), minutes("11:00"))
    assert times(arrange([Stop("a", 60, windows=(window,))], Hours())) == {"a": "10:00"}
    short = (window[0], window[1] - 1)
    assert arrange([Stop("a", 60, windows=(short,))], Hours()).refused == {
        "a": "window"
    }


def test_a_second_window_is_as_good():
    windows = ((minutes("09:00"), minutes("09:30")), (minutes("14:00"), 1080))
    assert times(arrange([Stop("a", 60, windows=windows)], Hours())) == {"a": "14:00"}


def test_what_somebody_has_fixed_stays_even_if_it_is_too_tight():
    stops = [Stop("a", 60, start=540), Stop("b", 60, start=540), Stop("c", 60)]
    day = arrange(stops, Hours())
    assert day.starts["a"] == day.starts["b"] == 540
    assert clock(day.starts["c"]) == "10:30"


def test_the_way_and_the_buffer_lie_between_two_stops():
    near, far = (31.0, 121.0), (31.0, 121.2)
    hours = Hours(speed=30, detour=1)
    day = arrange([Stop("a", 60, near), Stop("b", 60, far)], hours)
    first, second = day.starts.values()
    least = 60 + hours.way(near, far) + 30
    assert least <= second - first < least + 5
    assert not second % 5


def test_stops_are_driven_to_in_the_shortest_way():
    street = [(31.0, 121.0 + number / 100) for number in (3, 0, 2, 1, 4)]
    day = arrange([Stop(n, 30, place) for n, place in enumerate(street)], Hours())
    assert list(day.starts) in ([1, 3, 2, 0, 4], [4, 0, 2, 3, 1])


def test_a_day_without_stops():
    assert arrange([], Hours()) == ({}, {})


# ------------------------------------------------------------
# A week
# ------------------------------------------------------------


def week(limit=4, capacity=20, days=(0, 1, 2, 3, 4), taken=None, routes=None):
    limits = dict.fromkeys(days, limit)
    return Week(limits, capacity, routes or capacity, taken or {})


def days_of(planned):
    return {key: day for key, day, _start in planned.visits}


def test_near_customers_share_a_day():
    towns = [(31.0, 121.0), (31.0, 122.0), (32.0, 121.0)]
    wishes = [
        Wish((town, number), 60, (lat + number / 1000, lon))
        for number in range(4)
        for town, (lat, lon) in enumerate(towns)
    ]
    days = days_of(plan_week(wishes, week(), Hours()))
    assert len(days) == 12
    for town in range(3):
        assert len({days[town, number] for number in range(4)}) == 1


def test_customers_without_a_position_share_a_day_by_their_place():
    wishes = [Wish(n, 60, place="Hangzhou" if n % 2 else "Ningbo") for n in range(6)]
    days = days_of(plan_week(wishes, week(), Hours()))
    assert len({days[n] for n in (1, 3, 5)}) == len({days[n] for n in (0, 2, 4)}) == 1
    assert days[0] != days[1]


def test_customers_about_whom_nothing_is_known_are_spread_evenly():
    planned = plan_week([Wish(n, 60) for n in range(10)], week(), Hours())
    days = [day for _key, day, _start in planned.visits]
    assert [days.count(day) for day in range(5)] == [2] * 5


def test_the_week_takes_no_more_than_its_capacity():
    planned = plan_week([Wish(n, 30) for n in range(25)], week(), Hours())
    assert len(planned.visits) == 20
    assert planned.refused == dict.fromkeys(range(20, 25), "capacity")


def test_routes_may_fill_what_absence_leaves_of_the_week():
    short = week(capacity=4, days=[0], routes=20)
    route = [Wish(n, 30, day=0) for n in range(8)]
    assert len(plan_week(route, short, Hours()).visits) == 8
    free = [Wish(n, 30) for n in range(8)]
    assert len(plan_week(free, short, Hours()).visits) == 4


def test_what_is_fixed_counts_and_is_not_planned_again():
    taken = {0: [(Stop(None, 60, start=540), "")], 1: [(Stop(None, 60, start=540), "")]}
    planned = plan_week(
        [Wish(n, 60) for n in range(5)], week(capacity=4, taken=taken), Hours()
    )
    assert [key for key, _day, _start in planned.visits] == [0, 1]
    assert planned.refused == dict.fromkeys(range(2, 5), "capacity")


def test_a_route_on_a_day_off_says_so():
    planned = plan_week([Wish("a", 30, day=0)], week(days=range(1, 5)), Hours())
    assert planned == ([], {"a": "no_day"})


def test_a_customer_who_never_receives_on_these_days():
    wish = Wish("a", 60, windows={6: ((540, 1080),)})
    assert plan_week([wish], week(), Hours()).refused == {"a": "window"}
    wish = wish._replace(windows={2: ((600, 660),)})
    assert plan_week([wish], week(), Hours()).visits == [("a", 2, 600)]


def test_a_visit_comes_again_after_its_interval():
    wish = Wish("a", 60, interval=2)
    planned = plan_week([wish], week(), Hours())
    assert [day for _key, day, _start in planned.visits] == [0, 2, 4]


def test_a_visit_before_it_is_overdue_is_preferred():
    busy = {0: [(Stop(None, 60, start=540), "")]}
    wishes = [Wish("a", 60, late=0)]
    assert days_of(plan_week(wishes, week(taken=busy), Hours())) == {"a": 0}
    wishes = [Wish("a", 60)]
    assert days_of(plan_week(wishes, week(taken=busy), Hours())) == {"a": 1}
