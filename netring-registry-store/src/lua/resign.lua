-- Ends the lease of a registry, and of no other.
-- KEYS: those of the journal. ARGV: who.
local leader = string.match(redis.call('GET', KEYS[1]) or '', '^%d+ (.*)$')
if leader == ARGV[1] then
    redis.call('DEL', KEYS[1])
end
return 1
