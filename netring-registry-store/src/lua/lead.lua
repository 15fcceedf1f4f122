-- Makes a registry the leader, where nobody leads or it does itself.
-- KEYS: those of the journal. ARGV: who, now, end of the lease, how long Redis keeps that, retention.
-- Gives 0 where another leads.
local lease, events, journal, memory, cursors = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local holder, now = ARGV[1], ARGV[2]

-- Who else wrote under this name counts for nobody, and is written over.
local ends, leader = string.match(redis.call('GET', lease) or '', '^(%d+) (.*)$')
if leader and leader ~= holder and tonumber(ends) > tonumber(now) then
    return 0
end
redis.call('SET', lease, ARGV[3] .. ' ' .. holder, 'PX', ARGV[4])
-- The count of the events has to live as long as there is a ring, whether something happens in it or not.
redis.call('PEXPIRE', events, ARGV[5])
redis.call('PEXPIRE', journal, ARGV[5])
redis.call('PEXPIRE', memory, ARGV[5])
redis.call('PEXPIRE', cursors, ARGV[5])
return 1
