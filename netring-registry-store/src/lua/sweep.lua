-- Removes members that were last seen, or said goodbye, before a limit: at most so many at a time, so that a sweep of many
-- holds nobody up.
-- ARGV: limit of those seen, limit of those that left, most to remove, new revision.
-- Gives their ids.
local members, seen, left, revision, reports, versions = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local removed = {}

-- Where a key is somebody else's, this fails before anything is written.
redis.call('ZCARD', seen)
redis.call('ZCARD', left)
redis.call('HLEN', members)
redis.call('HLEN', reports)
redis.call('HLEN', versions)

local function remove(index, limit)
    local most = tonumber(ARGV[3]) - #removed
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', '(' .. limit, 'LIMIT', 0, most)) do
        redis.call('ZREM', index, id)
        redis.call('HDEL', members, id)
        redis.call('HDEL', reports, id)
        redis.call('HDEL', versions, id)
        removed[#removed + 1] = id
    end
end

remove(seen, ARGV[1])
remove(left, ARGV[2])
if #removed > 0 then
    redis.call('SET', revision, ARGV[4], 'KEEPTTL')
end
return removed
