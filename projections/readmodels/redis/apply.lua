-- One step: rows, indexes, distribution, changes and checkpoint, all or nothing.
-- KEYS: about, live, generations, lease, feed, probe. ARGV: about, number, owner, milliseconds,
-- checkpoint before ('' for none) and after, base of the generation's keys, length of the feed,
-- step, instant of the changes in milliseconds.
local about, live, generations, lease, feed, probe = unpack(KEYS)
local ours, number, owner, patience, before, after, base, most, _, instant = unpack(ARGV)
local standing, creators, index = base .. 'standing', base .. 'creators', base .. 'index'
local parked, parts = base .. 'parked', base .. 'parts'
local types = {
  [about] = 'string', [live] = 'string', [lease] = 'string', [generations] = 'hash',
  [feed] = 'stream', [standing] = 'hash', [index] = 'hash', [parked] = 'hash',
  [creators] = 'zset', [parts] = 'set',
}
local refused = barred(probe .. ':none', reads)
if refused then return refused end
local wrong = mistyped(types)
if wrong then return {'type', wrong} end
local found = redis.call('GET', about)
if found and found ~= ours then return {'about', found} end
local holder = held(lease, owner)
if holder then return {'fenced', holder} end
local shown = redis.call('GET', live)
local there = shown and redis.call('HEXISTS', generations, shown) == 1
if there and tonumber(shown) > tonumber(number) then return {'superseded', shown} end
local at = redis.call('HGET', generations, number) or ''
if at ~= before then return {'moved', at} end
-- Changes are numbered without a gap, so that a reader sees what was trimmed before it came: the
-- server keeps the last id, also of a feed that is trimmed to nothing.
local last = last_of(feed)
refused = barred(probe, writes)
if refused then return refused end
-- One that begins finds rows where somebody deleted its checkpoint, or the server evicted it.
if before == '' then forget(base) end

-- Lua's stack is limited: so many arguments a call.
local FEW = 1000

local function put(command, key, list)
  for i = 1, #list, FEW do
    redis.call(command, key, unpack(list, i, math.min(i + FEW - 1, #list)))
  end
end

local function get(key, fields)
  local values = {}
  for i = 1, #fields, FEW do
    local some = redis.call('HMGET', key, unpack(fields, i, math.min(i + FEW - 1, #fields)))
    for k = 1, #some do values[i + k - 1] = some[k] end
  end
  return values
end

local names, entries, documents, added, counted, reasons, changes =
  unpack(cmsgpack.unpack(ARGV[9]))
local fresh, indexed, removed, gone, deltas = {}, {}, {}, {}, {}

local function push(lists, part, member)
  local list = lists[part]
  if not list then list = {}; lists[part] = list end
  list[#list + 1] = member
end

local function among(pairs_, part, member)
  for k = 1, #pairs_, 2 do
    if pairs_[k] == part and pairs_[k + 1] == member then return true end
  end
end

local function count(list, by)
  for k = 1, #list, 2 do
    local part, field = list[k], list[k + 1]
    if not deltas[part] then deltas[part] = {} end
    deltas[part][field] = (deltas[part][field] or 0) + by
  end
end

local nothing = {{}, {}}
local old = get(index, names)
for i, name in ipairs(names) do
  local was, is = old[i], entries[i]
  if was ~= is then
    if is == '' then
      removed[#removed + 1] = name
    else
      indexed[#indexed + 1] = name
      indexed[#indexed + 1] = is
      if not was then
        fresh[#fresh + 1] = 0
        fresh[#fresh + 1] = name
      end
    end
    local from = was and cmsgpack.unpack(was) or nothing
    local to = is ~= '' and cmsgpack.unpack(is) or nothing
    for k = 1, #from[1], 2 do
      if not among(to[1], from[1][k], from[1][k + 1]) then
        push(gone, from[1][k], from[1][k + 1])
      end
    end
    count(from[2], -1)
    count(to[2], 1)
  end
end

types = {}
for part in pairs(added) do types[base .. part] = 'zset' end
for part in pairs(gone) do types[base .. part] = 'zset' end
for part in pairs(deltas) do types[base .. part] = 'hash' end
wrong = mistyped(types)
if wrong then return {'type', wrong} end

local totals, emptied = {}, {}
for part, fields in pairs(deltas) do
  local asked = {}
  for field in pairs(fields) do asked[#asked + 1] = field end
  for i, value in ipairs(get(base .. part, asked)) do
    local number_ = tonumber(value or 0)
    if not number_ then return {'type', base .. part} end
    local total = number_ + fields[asked[i]]
    if total > 0 then
      push(totals, part, asked[i])
      push(totals, part, string.format('%.0f', total))
    elseif value then
      push(emptied, part, asked[i])
    end
  end
end

if not found then redis.call('SET', about, ours) end
redis.call('SET', lease, owner, 'PX', patience)
put('HDEL', standing, removed)
put('HDEL', index, removed)
put('ZREM', creators, removed)
if redis.call('EXISTS', parked) == 1 then put('HDEL', parked, names) end
for part, list in pairs(gone) do put('ZREM', base .. part, list) end
for part, list in pairs(emptied) do put('HDEL', base .. part, list) end
put('HSET', standing, documents)
put('HSET', index, indexed)
put('ZADD', creators, fresh)
put('HSET', parked, reasons)
for part, list in pairs(added) do
  redis.call('SADD', parts, part)
  put('ZADD', base .. part, list)
end
put('SADD', parts, counted)
for part, list in pairs(totals) do put('HSET', base .. part, list) end
for i = 1, #changes, 3 do
  last.number = last.number + 1
  local id = string.format('%.0f-%.0f', math.max(last.instant, tonumber(instant)), last.number)
  redis.call('XADD', feed, 'MAXLEN', '~', most, id, 'id', changes[i],
    'creator', changes[i + 1], 'event', changes[i + 2])
end
redis.call('HSET', generations, number, after)
return {'done'}
