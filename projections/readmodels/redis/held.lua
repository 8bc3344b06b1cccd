-- Which generations there are, and which is live, at one moment. KEYS: live, generations, probe.
local live, generations, probe = unpack(KEYS)
local refused = barred(probe .. ':none', reads)
if refused then return refused end
return {'done', redis.call('GET', live), redis.call('HGETALL', generations)}
