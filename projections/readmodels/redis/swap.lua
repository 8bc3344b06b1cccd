-- Show readers another generation.
-- KEYS: live, generations, lease. ARGV: number, owner, checkpoint of the live one ('' for none).
local live, generations, lease = unpack(KEYS)
local number, owner, replaces = unpack(ARGV)
local shown = redis.call('GET', live)
local at = shown and redis.call('HGET', generations, shown) or ''
if at ~= replaces or held(lease, owner) then return {'no'} end
if redis.call('HEXISTS', generations, number) == 0 then return {'no'} end
redis.call('SET', live, number)
return {'done'}
