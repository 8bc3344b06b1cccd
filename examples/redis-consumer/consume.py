"""Reads the feed of a read model as one member of a consumer group, each change once.

    python consume.py redis://127.0.0.1:6379/0 GROUP MEMBER [--once]

A change may be delivered twice, so its id is compared with the last one that was taken in; and
older ones than that are left out. Both are kept beside the feed, in the group's own hash. Changes
are numbered without a gap in the ids of their entries: where numbers are missing the feed was
trimmed before the group came to them, and the rows are read anew.
"""

import json
import sys
import time
from contextlib import suppress
from datetime import datetime

import redis

url, group, member = sys.argv[1:4]
client = redis.Redis.from_url(url, decode_responses=True, protocol=2)
feed, taken = "{pl:0}:feed", f"{{pl:0}}:taken:{group}"


def take(what, creator, new):
    """What is to be done with a new standing: here it is shown."""
    print(what, creator, new and new["score"], flush=True)


def is_newer(creator, position, at, name):
    """Whether it is not what was taken in last of that creator, nor before it."""
    last = json.loads(client.hget(taken, creator) or '[-1, "0001-01-01T00:00:00Z", ""]')
    before, now = (last[0], datetime.fromisoformat(last[1])), (position, datetime.fromisoformat(at))
    another = name != last[2] and "row" not in {name, last[2]}  # a row has all up to its instant
    return before < now or (before == now and another)


def note(creator, position, at, name):
    """What is older than this, or the same, is left out from now on."""
    client.hset(taken, creator, json.dumps([position, at, name]))


def handle(entries):
    """Take in what is new, and acknowledge all of it."""
    for entry, fields in entries:
        change = json.loads(fields["event"])
        creator, position, at = fields["creator"], change["data"]["position"], change["time"]
        if is_newer(creator, position, at, change["id"]):
            take(change["id"], creator, change["data"]["new"])
            note(creator, position, at, change["id"])
        client.xack(feed, group, entry)


def read_rows_anew():
    """Take in every row: whatever was missed has led to it."""
    print("changes were trimmed before they were read: reading the rows", file=sys.stderr)
    live, cursor = client.get("{pl:0}:live"), None
    while live and cursor != 0:
        cursor, page = client.hscan(f"{{pl:0}}:g{live}:standing", cursor or 0, count=500)
        for creator, text in page.items():
            row = json.loads(text)
            if is_newer(creator, row["position"], row["as_of"], "row"):
                take("row", creator, row["standing"])
                note(creator, row["position"], row["as_of"], "row")


def left_by(claimed):
    """What was read and not acknowledged; of what was trimmed since only the id is left."""
    gone = [entry for entry, fields in claimed if not fields]
    if gone:
        read_rows_anew()
        client.xack(feed, group, *gone)
    return [(entry, fields) for entry, fields in claimed if fields]


def number(entry):
    """Of a change: the second half of its entry's id."""
    return int(entry.partition("-")[2])


def following():
    """The next changes; in one transaction with how far the group had come."""
    with client.pipeline(transaction=True) as both:
        both.xinfo_groups(feed)
        both.xreadgroup(group, member, {feed: ">"}, count=100)
        groups, found = both.execute()
    reached = next(number(g["last-delivered-id"]) for g in groups if g["name"] == group)
    entries = found[0][1] if found else []
    if entries and number(entries[0][0]) != reached + 1:
        read_rows_anew()
    return entries


with suppress(redis.ResponseError):  # the group may be there
    client.xgroup_create(feed, group, id="0", mkstream=True)
handle(left_by(client.xreadgroup(group, member, {feed: "0"})[0][1]))
while True:
    # what a member that died had read and not acknowledged for a minute is ours now
    _, claimed, *deleted = client.xautoclaim(feed, group, member, min_idle_time=60_000)
    handle(left_by([*claimed, *((entry, None) for entry in (deleted or [[]])[0])]))
    entries = following()
    handle(entries)
    if not entries and "--once" in sys.argv:
        break
    if not entries:
        time.sleep(0.2)
