-- Takes a member in, or renews what is known of it.
-- ARGV: id, now, particulars, most members, new revision, retention.
-- Gives when it registered and when it was last seen, or the number of members where there are too many.
local members, seen, left, revision = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, now, particulars, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

-- Where a key is somebody else's, this fails before anything is written.
redis.call('ZCARD', seen)
redis.call('ZCARD', left)
local known = redis.call('HGET', members, id)
if not known and redis.call('HLEN', members) >= limit then
    return {'full'}
end
-- Who else wrote under this name counts for nobody, and is written over.
local registered_at, seen_before, before = string.match(known or '', '^(%d+) (%d+) (.*)$')
local active = registered_at and redis.call('ZSCORE', seen, id)

local last_seen = active or seen_before
if not last_seen or tonumber(now) > tonumber(last_seen) then
    last_seen = now
end
if not active then
    registered_at = now
end
redis.call('ZADD', seen, last_seen, id)
if not active or before ~= particulars then
    redis.call('ZREM', left, id)
    redis.call('HSET', members, id, registered_at .. ' ' .. last_seen .. ' ' .. particulars)
    redis.call('SET', revision, ARGV[5])
end
for i = 1, #KEYS do
    redis.call('PEXPIRE', KEYS[i], ARGV[6])
end
return {registered_at, last_seen}
