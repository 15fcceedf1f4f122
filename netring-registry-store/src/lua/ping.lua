-- Finds out whether all that the other scripts do can be done: they may run, the keys are ours, and Redis takes writes.
-- KEYS: those of the ring, those of the journal, and one to write to. ARGV: for how many seconds that lives.
local types = {'hash', 'zset', 'zset', 'string', 'hash', 'hash', 'string', 'zset', 'hash', 'string', 'hash'}
for i, wanted in ipairs(types) do
    local found = redis.call('TYPE', KEYS[i]).ok
    if found ~= 'none' and found ~= wanted then
        return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. found .. ' and no ' .. wanted)
    end
end
redis.call('SET', KEYS[#KEYS], '1', 'EX', ARGV[1])
return 1
