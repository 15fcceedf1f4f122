-- Appends events and replaces the memory, where a registry leads.
-- KEYS: those of the journal. ARGV: who, now, a random text that no other call has, retention, most events to keep, how many
-- events are not given for being too many, whether there is a memory (1 or 0), the memory, and the events, each as
-- `time occurrence`.
-- Gives the id of the last event, or -1 where the registry does not lead.
local lease, events, journal, memory = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local holder, now, call, retention, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local first = 9

-- Where a key is somebody else's, this fails before anything is written.
redis.call('ZCARD', events)
redis.call('STRLEN', memory)
local last = tonumber(redis.call('HGET', journal, 'last_event') or '')
-- The same call, made once more because the answer was lost.
if last and redis.call('HGET', journal, 'call') == call then
    return last
end
local ends, leader = string.match(redis.call('GET', lease) or '', '^(%d+) (.*)$')
if leader ~= holder or tonumber(ends) <= tonumber(now) then
    return -1
end
if not last then
    -- There was none yet, or else Redis has thrown it away: no id is to come again.
    local newest = redis.call('ZREVRANGEBYSCORE', events, '9007199254740992', '0', 'WITHSCORES', 'LIMIT', 0, 1)
    last = math.floor(tonumber(newest[2] or '0'))
end
-- `%.0f` writes all digits.
last = last + tonumber(ARGV[6])
for i = first, #ARGV do
    last = last + 1
    local id = string.format('%.0f', last)
    redis.call('ZADD', events, id, id .. ' ' .. ARGV[i])
end
redis.call('HSET', journal, 'last_event', string.format('%.0f', last), 'call', call)
if ARGV[7] == '1' then
    redis.call('SET', memory, ARGV[8])
    redis.call('HSET', journal, 'memory', call)
end
redis.call('ZREMRANGEBYSCORE', events, '-inf', string.format('%.0f', last - most))
redis.call('PEXPIRE', events, retention)
redis.call('PEXPIRE', journal, retention)
redis.call('PEXPIRE', memory, retention)
return last
