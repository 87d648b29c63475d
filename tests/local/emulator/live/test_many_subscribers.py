"""A hundred subscribers at once, while rules fire for all of them."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import UUID

import httpx

SUBSCRIBERS = 100
EVERYONE = "00000000-0000-4000-8000-000000000000"


def visitor(number):
    return str(UUID(int=number, version=4))


async def subscribe(host, port, number):
    """Open one subscriber's stream, to a visitor's own id and one that all share, and be sure of it."""
    reader, writer = await asyncio.open_connection(host, port)
    path = f"/api/v1/interventions?domain_userid={visitor(number)}&campaign_id={EVERYONE}"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    while await reader.readline() != b": listening\n":
        assert not reader.at_eof()
    return reader, writer


async def read_until(reader, last):
    """The messages of one stream up to the one named `last`, by name and target id."""
    received = []
    while last not in (name for name, _ in received):
        line = await reader.readline()
        assert line, "the stream ended early"
        if line.startswith(b"data: "):
            message = json.loads(line.removeprefix(b"data: "))
            received.append((message["name"], message["target_attribute_key"]["id"]))
    return received


async def scenario(url):
    """Subscribe, post each visitor's events, then the one that ends it; returns its firing and what each received."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    streams = await asyncio.gather(*(subscribe(host, port, number) for number in range(SUBSCRIBERS)))
    readers = [asyncio.create_task(read_until(reader, "last")) for reader, _ in streams]
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as sender:

        async def event(attributes, **keys):
            answer = await sender.post("/local/attributes", json={"keys": keys, "attributes": attributes})
            assert answer.is_success, answer.text
            return answer.json()

        async def shop(visitors):
            for number in visitors:
                for value in (80, 1, 90):
                    await event({"shop:cart": value}, domain_userid=visitor(number), campaign_id=EVERYONE)

        await asyncio.gather(*(shop(range(first, SUBSCRIBERS, 4)) for first in range(4)))
        [closing] = (await event({"shop:sale": "over"}, campaign_id=EVERYONE, domain_userid=visitor(0)))[
            "fired"
        ]
    received = await asyncio.gather(*readers)
    for _, writer in streams:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return closing, received


def test_each_of_a_hundred_subscribers_gets_each_message_once(empty):
    """Each visitor's own rule reaches that visitor alone and once; a rule for a campaign reaches everyone once."""
    empty.emulator.publish_key("campaign_id")
    empty.emulator.publish_group("shop", {"cart": "double"}, key="domain_userid")
    empty.emulator.publish_group("shop", {"sale": "string"}, version=2, key="campaign_id")
    big_cart = {"attribute": "shop:cart", "operator": ">", "value": 75}
    empty.publish(name="big_cart", criteria=big_cart, target_attribute_keys=[{"name": "domain_userid"}])
    empty.publish(name="first_big_cart", criteria=big_cart, target_attribute_keys=[{"name": "campaign_id"}])
    empty.publish(
        name="last",
        criteria={"attribute": "shop:sale", "operator": "=", "value": "over"},
        target_attribute_keys=[{"name": "domain_userid"}, {"name": "campaign_id"}],
    )
    closing, received = asyncio.run(scenario(empty.url))

    expected = [
        Counter([("big_cart", visitor(number)), ("first_big_cart", EVERYONE), ("last", EVERYONE)])
        for number in range(SUBSCRIBERS)
    ]
    # The first visitor listens to both targets of the last message, and gets it for the first of them.
    expected[0] = Counter([("big_cart", visitor(0)), ("first_big_cart", EVERYONE), ("last", visitor(0))])
    assert [Counter(each) for each in received] == expected
    assert {target["name"]: target["listeners"] for target in closing["targets"]} == {
        "domain_userid": 1,
        "campaign_id": SUBSCRIBERS - 1,
    }
