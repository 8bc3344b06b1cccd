#!/bin/sh
# The same with redis-cli: sh consume.sh redis://127.0.0.1:6379/0 GROUP MEMBER
# Reads what there is and ends. Ids that were seen are kept in a sorted set, the last 10,000 of them.
# Where the feed was trimmed before the group came to it, all rows follow at the end.
set -eu
url=$1 group=$2 member=$3
feed='{pl:0}:feed' seen="{pl:0}:seen:$group" missed=
read_=$(mktemp)
trap 'rm -f "$read_"' EXIT
cli() { redis-cli -u "$url" "$@"; }

# The next changes after the words `feed` and how many are gone that the group has not read, nor
# acknowledged: the number of a change ends the id of its entry, without a gap.
next='
local function number(id) return tonumber(string.match(id, "%-(%d+)")) end
local function fields(list)
  local found = {}
  for i = 1, #list, 2 do found[list[i]] = list[i + 1] end
  return found
end
local reached, gone = 0, 0
for _, list in ipairs(redis.call("XINFO", "GROUPS", KEYS[1])) do
  local about = fields(list)
  if about.name == ARGV[1] then reached = number(about["last-delivered-id"]) end
end
for _, left in ipairs(redis.call("XPENDING", KEYS[1], ARGV[1], "-", "+", 1000, ARGV[2])) do
  if #redis.call("XRANGE", KEYS[1], left[1], left[1]) == 0 then
    gone = gone + redis.call("XACK", KEYS[1], ARGV[1], left[1])
  end
end
local found = redis.call("XREADGROUP", "GROUP", ARGV[1], ARGV[2], "COUNT", 100, "STREAMS", KEYS[1], ">")
local entries = found and found[1][2] or {}
if #entries > 0 then gone = gone + math.max(number(entries[1][1]) - reached - 1, 0) end
return {"feed", gone, entries}'

cli XGROUP CREATE "$feed" "$group" 0 MKSTREAM >/dev/null 2>&1 || true  # it may be there
while :; do
    cli EVAL "$next" 1 "$feed" "$group" "$member" >"$read_"
    [ "$(head -n 1 "$read_")" = feed ] || { cat "$read_" >&2; exit 1; }  # an error, not a feed
    [ "$(sed -n 2p "$read_")" = 0 ] || missed=yes
    [ "$(wc -l <"$read_")" -gt 3 ] || break
    # one value a line: of each entry its own id and three fields with their names
    {
        read -r _ && read -r _
        while read -r entry && read -r _ && read -r id && read -r _ && read -r creator && read -r _ &&
            read -r event; do
            if [ -z "$(cli ZSCORE "$seen" "$creator $id" </dev/null)" ]; then
                printf '%s %s %s\n' "$id" "$creator" "$event"  # the work, then the note of it
                cli ZADD "$seen" "${entry#*-}" "$creator $id" </dev/null >/dev/null
            fi
            cli XACK "$feed" "$group" "$entry" </dev/null >/dev/null
        done
    } <"$read_"
    cli ZREMRANGEBYRANK "$seen" 0 -10001 >/dev/null
done
[ -z "$missed" ] || {
    echo 'changes were trimmed before they were read: reading the rows' >&2
    cli HGETALL "{pl:0}:g$(cli GET '{pl:0}:live'):standing" |
        while read -r creator && read -r row; do printf 'row %s %s\n' "$creator" "$row"; done | sort
}
