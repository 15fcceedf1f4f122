-- Notes that an active member is alive.
-- ARGV: id, now, retention, what is left of it when it is time to renew it.
-- Gives 0 where the member is not known as active.
local members, seen = KEYS[1], KEYS[2]
local id, now = ARGV[1], ARGV[2]

local last_seen = redis.call('ZSCORE', seen, id)
if not last_seen or redis.call('HEXISTS', members, id) == 0 then
    -- Nothing is there to be removed but what is of no use. A replica that has not heard of the member yet refuses this, and so
    -- does not send it away.
    redis.call('ZREM', seen, id)
    return 0
end
if tonumber(now) > tonumber(last_seen) then
    redis.call('ZADD', seen, now, id)
end
-- Not every time: all keys were renewed together, and live much longer than the time between two heartbeats.
if redis.call('PTTL', seen) < tonumber(ARGV[4]) then
    for i = 1, #KEYS do
        redis.call('PEXPIRE', KEYS[i], ARGV[3])
    end
end
return 1
