-- Forget a generation that is not live.
-- KEYS: live, generations, lease. ARGV: number, base of the generation's keys.
local live, generations, lease = unpack(KEYS)
local number, base = unpack(ARGV)
if redis.call('GET', live) == number then return {'live'} end
forget(base)
redis.call('HDEL', generations, number)
redis.call('UNLINK', lease)
return {'done'}
