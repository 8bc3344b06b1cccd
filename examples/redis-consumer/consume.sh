#!/bin/sh
# The same with redis-cli: sh consume.sh redis://127.0.0.1:6379/0 GROUP MEMBER
# Reads what there is and ends. Ids that were seen are kept in a sorted set, the last 10,000 of them.
set -eu
url=$1 group=$2 member=$3
feed='{pl:0}:feed' seen="{pl:0}:seen:$group"
read_=$(mktemp)
trap 'rm -f "$read_"' EXIT
cli() { redis-cli -u "$url" "$@"; }

cli XGROUP CREATE "$feed" "$group" 0 MKSTREAM >/dev/null 2>&1 || true  # it may be there
while :; do
    cli XREADGROUP GROUP "$group" "$member" COUNT 100 STREAMS "$feed" '>' >"$read_"
    [ "$(wc -l <"$read_")" -gt 1 ] || break
    [ "$(head -n 1 "$read_")" = "$feed" ] || { cat "$read_" >&2; exit 1; }  # an error, not a feed
    # one value a line: the key, then of each entry its own id and three fields with their names
    {
        read -r _
        while read -r entry && read -r _ && read -r id && read -r _ && read -r creator && read -r _ &&
            read -r event; do
            if [ -z "$(cli ZSCORE "$seen" "$creator $id" </dev/null)" ]; then
                printf '%s %s %s\n' "$id" "$creator" "$event"  # the work, then the note of it
                cli ZADD "$seen" "${entry%-*}" "$creator $id" </dev/null >/dev/null
            fi
            cli XACK "$feed" "$group" "$entry" </dev/null >/dev/null
        done
    } <"$read_"
    cli ZREMRANGEBYRANK "$seen" 0 -10001 >/dev/null
done
