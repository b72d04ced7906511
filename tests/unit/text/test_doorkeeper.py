"""What is remembered of keys that came once, and the room that caches share."""

from __future__ import annotations

from spark_pdf.text.doorkeeper import Doorkeeper, Room


def test_a_key_is_known_from_its_second_time_on() -> None:
    keeper = Doorkeeper()
    keys = [("key", number) for number in range(1000)]
    first = sum(keeper.knows(key) for key in keys)
    assert first < 20  # one in 255 of the slots that are shared
    assert sum(keeper.knows(key) for key in keys) > 900  # some were pushed out by their neighbours


def test_what_came_long_ago_is_forgotten() -> None:
    keeper = Doorkeeper(bits=6)
    early = 5 << 32  # a number, whose hash is itself: a text's byte is another's in one process of 255
    assert not keeper.knows(early)
    for number in range(2000):
        keeper.knows(number)
    assert not keeper.knows(early)


def test_a_generation_ends_when_the_room_is_full() -> None:
    room = Room(100)
    room.charge(60)
    assert room.generation == 0
    room.charge(60)
    assert room.generation == 1
    room.charge(100)
    assert room.generation == 1
