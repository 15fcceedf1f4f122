-- Keeps the last report of an active member.
-- ARGV: id, report, its version, retention.
-- Gives 0 where the member is not known as active.
local members, seen, reports, versions = KEYS[1], KEYS[2], KEYS[5], KEYS[6]
local id = ARGV[1]

if not redis.call('ZSCORE', seen, id) or redis.call('HEXISTS', members, id) == 0 then
    return 0
end
-- Where a key is somebody else's, this fails before anything is written.
redis.call('HLEN', versions)
redis.call('HSET', reports, id, ARGV[2])
redis.call('HSET', versions, id, ARGV[3])
for i = 1, #KEYS do
    redis.call('PEXPIRE', KEYS[i], ARGV[4])
end
return 1
