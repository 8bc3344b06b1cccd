"""Reads the feed of a read model as one member of a consumer group, each change once.

    python consume.py redis://127.0.0.1:6379/0 GROUP MEMBER [--once]

A change may be delivered twice, so its id is compared with the last one that was taken in; and
older ones than that are left out. Both are kept beside the feed, in the group's own hash.
"""

import json
import sys
from contextlib import suppress
from datetime import datetime

import redis

url, group, member = sys.argv[1:4]
client = redis.Redis.from_url(url, decode_responses=True, protocol=2)
feed, taken = "{pl:0}:feed", f"{{pl:0}}:taken:{group}"


def take(change):
    """What is to be done with a change: here it is shown."""
    new = change["data"]["new"]
    print(change["id"], change["subject"], new and new["score"], flush=True)


def handle(entries):
    """Take in what is new, and acknowledge all of it."""
    for entry, fields in entries:
        change = json.loads(fields["event"])
        position, time = change["data"]["position"], change["time"]
        last = json.loads(
            client.hget(taken, fields["creator"]) or '[-1, "0001-01-01T00:00:00Z", ""]'
        )
        newer = (position, datetime.fromisoformat(time)) >= (
            last[0],
            datetime.fromisoformat(last[1]),
        )
        if newer and change["id"] != last[2]:
            take(change)
            client.hset(taken, fields["creator"], json.dumps([position, time, change["id"]]))
        client.xack(feed, group, entry)


with suppress(redis.ResponseError):  # the group may be there
    client.xgroup_create(feed, group, id="0", mkstream=True)
handle(entry for entry in client.xreadgroup(group, member, {feed: "0"})[0][1] if entry[1])
while True:
    # what a member that died had read and not acknowledged for a minute is ours now
    handle(e for e in client.xautoclaim(feed, group, member, min_idle_time=60_000)[1] if e[1])
    found = client.xreadgroup(group, member, {feed: ">"}, count=100, block=1000)
    handle(found[0][1] if found else [])
    if not found and "--once" in sys.argv:
        break
