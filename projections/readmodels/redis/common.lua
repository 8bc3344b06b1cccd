-- What every script has before it: see script.py.
local function typed(key, wanted)
  local found = redis.call('TYPE', key).ok
  return found == 'none' or found == wanted
end

local function mistyped(types)
  for key, wanted in pairs(types) do
    if not typed(key, wanted) then return key end
  end
end

local reads = {{'GET'}, {'TYPE'}, {'EXISTS'}, {'HGET', 'a'}, {'HMGET', 'a'},
  {'HGETALL'}}
local writes = {
  {'SET', 'a', 'PX', '1000'}, {'DEL'}, {'HSET', 'a', '1'}, {'HDEL', 'a'}, {'ZADD', '1', 'a'},
  {'ZREM', 'a'}, {'SADD', 'a'}, {'UNLINK'}, {'XADD', 'MAXLEN', '~', '1', '*', 'a', '1'}, {'UNLINK'},
}

-- Tries commands; the first that is refused, and why. SET leads the writes: it takes the place of
-- whatever is there, and the server asks only before a script's first write whether memory is full.
local function barred(probe, trials)
  redis.set_repl(redis.REPL_NONE)
  for _, trial in ipairs(trials) do
    local done = redis.pcall(trial[1], probe, unpack(trial, 2))
    if type(done) == 'table' and done.err then return {'barred', trial[1], done.err} end
  end
  redis.set_repl(redis.REPL_ALL)
end

-- All rows of a generation and their indexes.
local function forget(base)
  for _, part in ipairs(redis.call('SMEMBERS', base .. 'parts')) do
    redis.call('UNLINK', base .. part)
  end
  for _, part in ipairs({'standing', 'index', 'creators', 'parked', 'parts'}) do
    redis.call('UNLINK', base .. part)
  end
end

-- Instant and number of the last change that was ever published.
local function last_of(feed)
  local id = '0-0'
  if redis.call('EXISTS', feed) == 1 then
    local about = redis.call('XINFO', 'STREAM', feed)
    for i = 1, #about, 2 do
      if about[i] == 'last-generated-id' then id = about[i + 1] end
    end
  end
  local at, number = string.match(id, '(%d+)-(%d+)')
  return {instant = tonumber(at), number = tonumber(number)}
end

local function held(lease, owner)
  local holder = redis.call('GET', lease)
  return holder and holder ~= owner and holder
end
