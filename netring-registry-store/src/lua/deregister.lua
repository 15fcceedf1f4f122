-- Marks an active member as deregistered, and drops its report.
-- ARGV: id, now, new revision, retention.
local members, seen, left, revision, reports, versions = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local id, now = ARGV[1], ARGV[2]

-- Where a key is somebody else's, this fails before anything is written.
redis.call('ZCARD', left)
redis.call('HLEN', reports)
redis.call('HLEN', versions)
local last_seen = redis.call('ZSCORE', seen, id)
local known = last_seen and redis.call('HGET', members, id)
local registered_at, particulars = string.match(known or '', '^(%d+) %d+ (.*)$')
if not registered_at then
    return 0
end
-- First what frees memory: a Redis that has none left lets a script that has begun to write go on.
redis.call('ZREM', seen, id)
redis.call('HDEL', reports, id)
redis.call('HDEL', versions, id)
redis.call('ZADD', left, now, id)
redis.call('HSET', members, id, registered_at .. ' ' .. last_seen .. ' ' .. particulars)
redis.call('SET', revision, ARGV[3])
for i = 1, #KEYS do
    redis.call('PEXPIRE', KEYS[i], ARGV[4])
end
return 1
