-- Take or renew the lease of a generation. KEYS: lease, probe. ARGV: owner, milliseconds.
local lease, probe = unpack(KEYS)
local owner, patience = unpack(ARGV)
local refused = barred(probe .. ':none', reads)
if refused then return refused end
if not typed(lease, 'string') then return {'type', lease} end
local holder = held(lease, owner)
if holder then return {'fenced', holder} end
refused = barred(probe, writes)
if refused then return refused end
redis.call('SET', lease, owner, 'PX', patience)
return {'done'}
