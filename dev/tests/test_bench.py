"""Which databases the benchmarks use, and when they are made again."""

import pytest
from workshop import bench
from workshop.problem import Problem


@pytest.fixture
def generator(monkeypatch, tmp_path):
    (tmp_path / "filling").mkdir()
    for name in ("generate.py", "filling/visits.py"):
        (tmp_path / name).write_text("1", encoding="utf-8")
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    return tmp_path


def test_sizes_are_measured_from_the_smallest(monkeypatch):
    monkeypatch.setenv("SIZES", "100000 10000 10000")
    assert bench.sizes() == [10_000, 100_000]


def test_without_sizes_all_are_measured(monkeypatch):
    monkeypatch.setenv("SIZES", "")
    assert bench.sizes() == [10_000, 100_000, 1_000_000]


def test_other_words_are_refused(monkeypatch):
    monkeypatch.setenv("SIZES", "many")
    with pytest.raises(Problem, match="many"):
        bench.sizes()


def test_a_database_is_made_again_for_another_generator_size_or_addon(generator):
    before = bench._note(10, "addons_1")
    assert bench._note(10, "addons_1") == before
    assert bench._note(20, "addons_1") != before
    assert bench._note(10, "addons_2") != before
    (generator / "filling" / "visits.py").write_text("2", encoding="utf-8")
    assert bench._note(10, "addons_1") != before
