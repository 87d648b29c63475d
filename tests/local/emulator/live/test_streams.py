"""The register of listeners without a network: what is promised to one who is slow, late, or left over."""

import asyncio

from signals_local.emulator.live.streams import HEARTBEAT, Hub, Stream, message

TARGET = ("domain_userid", "218e8926-3858-431d-b2ed-66da03a1cbe5")
FOREVER = 3600


async def all_of(stream):
    return b"".join([frames async for frames in stream.frames(FOREVER)])


def test_frames_arrive_in_order_and_before_the_end():
    """What was sent before a stream ends is still read, in the order of sending."""
    stream = Stream()
    for number in range(3):
        stream.send(message({"number": number}))
    stream.end()
    assert asyncio.run(all_of(stream)) == b"".join(message({"number": number}) for number in range(3))


def test_a_quiet_stream_gives_a_sign_of_life():
    """Without anything to send, a comment comes after the heartbeat's seconds."""

    async def first_frame():
        return await anext(Stream().frames(heartbeat=0.001))

    assert asyncio.run(first_frame()) == HEARTBEAT


def test_who_stops_reading_is_let_go():
    """A listener that leaves too much unread loses the stream, and the emulator keeps nothing for it."""
    hub = Hub()
    with hub.listening(frozenset([TARGET])) as stream:
        for number in range(10_001):
            hub.deliver({TARGET: {"number": number}})
        assert asyncio.run(all_of(stream)) == b""


def test_a_closed_hub_lets_everyone_go():
    """Who listens when it closes, and who comes after, reads to the end."""
    hub = Hub()
    with hub.listening(frozenset([TARGET])) as before:
        hub.close()
        with hub.listening(frozenset([TARGET])) as after:
            assert [asyncio.run(all_of(stream)) for stream in (before, after)] == [b"", b""]


def test_nothing_is_kept_of_who_has_left():
    """After the last listener of a target has left, the target is unknown and a message reaches nobody."""
    hub = Hub()
    with hub.listening(frozenset([TARGET])):
        assert hub.deliver({TARGET: {}}) == {TARGET: 1}
        assert hub.listeners() == [frozenset([TARGET])]
    assert hub.deliver({TARGET: {}}) == {TARGET: 0}
    assert hub.listeners() == []
