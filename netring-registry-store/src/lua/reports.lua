-- ARGV: pairs of an id and the version of its report that the caller has already.
-- Gives triples of an id, the version of its report, and the report where the caller does not have it.
local reports, versions = KEYS[5], KEYS[6]
local known = {}
for i = 1, #ARGV, 2 do
    known[ARGV[i]] = ARGV[i + 1]
end

local given = {}
local all = redis.call('HGETALL', versions)
for i = 1, #all, 2 do
    local id, version = all[i], all[i + 1]
    local report = false
    if known[id] ~= version then
        report = redis.call('HGET', reports, id)
    end
    given[#given + 1] = id
    given[#given + 1] = version
    given[#given + 1] = report
end
return given
