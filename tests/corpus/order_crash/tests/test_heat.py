import pytest


def test_an_engine_that_is_too_hot_stops(engine):
    with pytest.raises(RuntimeError, match="97 degrees"):
        engine.run(11)
    assert not engine.running


@pytest.mark.parametrize(("minutes", "heat_c"), [(0, 20), (1, 27), (10, 90)])
def test_running_makes_hot(minutes, heat_c, engine):
    engine.run(minutes)
    assert engine.heat_c == heat_c


def test_an_engine_cools(engine):
    engine.run(5)
    engine.cool()
    assert engine.heat_c == 25


def test_it_is_never_colder_than_the_air(engine):
    engine.cool()
    assert engine.heat_c == 20
