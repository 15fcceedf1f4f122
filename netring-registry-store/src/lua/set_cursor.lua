-- Notes how far events were handled, where a registry leads.
-- KEYS: those of the journal. ARGV: who, now, the name, the id, retention, most cursors to keep.
-- Gives 0 where the registry does not lead.
local lease, cursors = KEYS[1], KEYS[5]
local holder, now, name, id, retention, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])

local ends, leader = string.match(redis.call('GET', lease) or '', '^(%d+) (.*)$')
if leader ~= holder or tonumber(ends) <= tonumber(now) then
    return 0
end
local kept = redis.call('HGET', cursors, name)
if not kept and redis.call('HLEN', cursors) >= most then
    local all = redis.call('HGETALL', cursors)
    local furthest, behind = nil, nil
    for i = 1, #all, 2 do
        local at = tonumber(all[i + 1]) or -1
        if not behind or at < behind then
            furthest, behind = all[i], at
        end
    end
    redis.call('HDEL', cursors, furthest)
end
if id > (tonumber(kept or '') or -1) then
    redis.call('HSET', cursors, name, ARGV[4])
end
redis.call('PEXPIRE', cursors, retention)
return 1
