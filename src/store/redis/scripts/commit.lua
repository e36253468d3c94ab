-- The one atomic step: store/step/mod.rs, "commit". Written flat: this is what every inquiry costs.
-- KEYS = shard's tag, then what is read: claim (if any), read set, and what plan and writes need.
-- ARGV = workspace, now, incarnation ('' = no leases), journal row, its id, claim's entry ('' =
-- none), claim's life, number of reads, their versions (8 bytes each); then, each list with its
-- length before it: puts (name, value, ...; the length counts both), puts with the receipt (name,
-- version, body), other writes (kind, name, life, value or version or times, body or number of the
-- key), indexes (name, member, score), branches. Names are whole.
local call, sub, take_apart, match = redis.call, string.sub, struct.unpack, string.match
local now, incarnation, entry = tonumber(ARGV[2]), ARGV[3], ARGV[6]
local prefix = KEYS[1] .. ARGV[1] .. ':'
local held = #KEYS > 1 and call('MGET', unpack(KEYS, 2)) or {}

-- 1. the claim
local before_reads = 0
if entry ~= '' then
  before_reads = 1
  local claimed = held[1]
  if claimed and #claimed ~= 32 then
    error({ err = 'CORRUPT a claim that cannot be read' })
  end
  if claimed and take_apart('>I8', claimed, 25) > now then
    return { sub(claimed, 1, 8) == sub(entry, 1, 8) and 1 or 2, sub(claimed, 9, 24) }
  end
end

-- 2. the read set; if it is stale: its values, then id and value of each lead behind its key sets
local reads, versions = tonumber(ARGV[8]), ARGV[9]
for i = 1, reads do
  local value = held[before_reads + i]
  if (value and sub(value, 1, 8) or '\0\0\0\0\0\0\0\0') ~= sub(versions, 8 * i - 7, 8 * i) then
    local answer, names, identity = { 3 }, {}, prefix .. 'k'
    for j = 1, reads do
      value = held[before_reads + j]
      answer[j + 1] = value
      if value and sub(KEYS[before_reads + j + 1], 1, #identity) == identity then
        for at = 11 + take_apart('>I2', value, 9), #value - 15, 16 do
          names[#names + 1] = prefix .. 'l' .. sub(value, at, at + 15)
        end
      end
    end
    for first = 1, #names, 1000 do
      local last = math.min(first + 999, #names)
      local leads = call('MGET', unpack(names, first, last))
      for j = first, last do
        answer[#answer + 1] = sub(names[j], -16)
        answer[#answer + 1] = leads[j - first + 1]
      end
    end
    return answer
  end
end

-- 3. the branch: assign/pick.rs. A branch: how many arguments follow, pool's number in KEYS ('' =
-- picks nobody), `w` or `r`, candidates `member:weight:caps|...` with caps `key,limit,life;...`
-- (key = number in KEYS), then its chains, jobs and indexes.
local puts_at = 10
local receipts_at = puts_at + 1 + ARGV[puts_at]
local others_at = receipts_at + 1 + 3 * ARGV[receipts_at]
local indexes_at = others_at + 1 + 5 * ARGV[others_at]
local branches_at = indexes_at + 1 + 3 * ARGV[indexes_at]

-- Whether name `a` stands before `b` by bytes (`<` goes by the server's locale).
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

local branch, number, capped, member, turn, tied = nil, 0, {}, '', 0, 0
local pool, state, caps
local at = branches_at + 1
for n = 0, ARGV[branches_at] - 1 do
  branch, number = at, n
  at = at + ARGV[at] + 1
  pool = tonumber(ARGV[branch + 1])
  if not pool then
    break
  end
  local members, weights, limits, free, total = {}, {}, {}, 0, 0
  for name, weight, its_caps in string.gmatch(ARGV[branch + 3], '([^:]+):(%d+):([^|]*)|') do
    local full, from = false, 1
    while not full and from <= #its_caps do
      local key, limit, after = match(its_caps, '^(%d+),(%d+),%d+;()', from)
      full = tonumber(held[key - 1] or 0) >= tonumber(limit)
      from = after
    end
    if not full then
      free = free + 1
      members[free], weights[free], limits[free] = name, weight, its_caps
      total = total + weight
    elseif not capped[name] then
      capped[name] = true
      capped[#capped + 1] = name
    end
  end
  if free > 0 then
    -- Candidates and seats are both sorted: one walk over the two.
    local weighted = ARGV[branch + 2] == 'w'
    local parts, best, winner, current, rest, next_free = { '' }, nil, nil, nil, nil, 1
    local function consider(seat_current, seat_rest)
      local rank
      if weighted then
        seat_current = seat_current + weights[next_free]
        rank = -seat_current
      else
        rank = tonumber(match(seat_rest, '^%d+'))
      end
      local place = #parts + 1
      if not best or rank < best then
        best, winner, current, rest, tied = rank, place, seat_current, seat_rest, 1
        member, caps = members[next_free], limits[next_free]
      elseif rank == best then
        tied = tied + 1 -- the earlier one has the smaller name
      end
      parts[place] = '|' .. members[next_free] .. ':' .. seat_current .. ':' .. seat_rest
      next_free = next_free + 1
    end
    local text = held[pool - 1] or '0'
    for name, seat_current, seat_rest in string.gmatch(text, '|([^:]+):([^:]+):([^|]+)') do
      while next_free <= free and name ~= members[next_free] and before(members[next_free], name) do
        consider(0, '0:0')
      end
      if name == members[next_free] then
        consider(seat_current, seat_rest)
      else
        parts[#parts + 1] = '|' .. name .. ':' .. seat_current .. ':' .. seat_rest
      end
    end
    while next_free <= free do
      consider(0, '0:0')
    end
    turn = match(text, '^%d+') + 1
    if weighted then
      current = current - total
    end
    parts[1] = turn
    parts[winner] = '|' .. member .. ':' .. current .. ':' .. turn .. ':'
      .. match(rest, '%d+$') + 1
    state = table.concat(parts)
    break
  end
end
local receipt = number .. '|' .. member .. '|' .. turn .. '|' .. tied .. '|'
  .. table.concat(capped, ',')
local packed = struct.pack('>I2', #receipt) .. receipt

-- 4. and 5., the values: puts, jobs, chains, pool
local set = {}
local n = tonumber(ARGV[puts_at])
for i = 1, n do
  set[i] = ARGV[puts_at + i]
end
for i = receipts_at + 1, others_at - 1, 3 do
  set[n + 1], set[n + 2] = ARGV[i], ARGV[i + 1] .. packed .. ARGV[i + 2]
  n = n + 2
end
if state then
  set[n + 1], set[n + 2] = KEYS[pool], state
  n = n + 2
end

-- A branch's chains: how many, then number in KEYS and value of each if there is none yet. Its
-- jobs, 7 arguments each: 4 as `new_job` takes them apart, name, value up to the receipt, and what
-- its place depends on. '' for that or a chain that is there: the job goes the general way.
local answer, library = { 0, receipt }, nil
local jobs_at, jobs = nil, 0
if branch then
  local chains = tonumber(ARGV[branch + 4])
  jobs_at = branch + 5 + 2 * chains
  jobs = tonumber(ARGV[jobs_at])
  for i = branch + 5, jobs_at - 2, 2 do
    library = library or held[ARGV[i] - 1]
  end
  for i = 1, jobs do
    library = library or ARGV[jobs_at + 7 * i] == ''
  end
  for i = branch + 5, library and 0 or jobs_at - 2, 2 do
    set[n + 1], set[n + 2] = KEYS[tonumber(ARGV[i])], ARGV[i + 1]
    n = n + 2
  end
  for i = 1, library and 0 or jobs do
    local job = jobs_at + 7 * i
    set[n + 1], set[n + 2] = ARGV[job - 2], ARGV[job - 1] .. packed .. ARGV[job - 3]
    n = n + 2
  end
end
if library then -- a chain that is there must be readable before anything is written
  library = load_library()
  for i = 1, #held do
    library.seed(KEYS[i + 1], held[i])
  end
  for i = 1, n, 2 do
    library.seed(set[i], set[i + 1])
  end
  for i = 1, jobs do
    library.check(jobs_at + 7 * i - 6)
  end
end
if n > 0 then
  call('MSET', unpack(set))
end
for i = others_at + 1, indexes_at - 1, 5 do
  local kind, name, life = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local new = false
  if kind == 'p' then
    new = ARGV[i + 3]
  elseif kind == 'r' then
    new = ARGV[i + 3] .. packed .. ARGV[i + 4]
  elseif kind == 's' then -- more behind a shared key
    new = held[ARGV[i + 4] - 1]
    local start = new and 11 + take_apart('>I2', new, 9)
    if new and #new == start + 4 and sub(new, start, start) == '!' then
      local count = math.min(take_apart('>I4', new, start + 1) + ARGV[i + 3], 4294967295)
      new = sub(new, 1, 8) .. '\0\0!' .. struct.pack('>I4', count)
    else
      name = nil
    end
  end
  if name and not new then
    call('DEL', name)
  elseif name and life == '' then
    call('SET', name, new)
  elseif name then
    call('SET', name, new, 'PX', life)
  end
  if name and library then
    library.seed(name, new)
  end
end
if caps then
  for key, life in string.gmatch(caps, '(%d+),%d+,(%d+);') do
    held[key - 1] = (held[key - 1] or 0) + 1
    call('SET', KEYS[tonumber(key)], held[key - 1], 'PX', life)
  end
end

-- The indexes, of the commit and of the branch
at = indexes_at
repeat
  for i = at + 1, at + 3 * ARGV[at], 3 do
    if ARGV[i + 2] == '' then
      call('ZREM', ARGV[i], ARGV[i + 1])
    else
      call('ZADD', ARGV[i], ARGV[i + 2], ARGV[i + 1])
    end
  end
  at = at == indexes_at and jobs_at and jobs_at + 1 + 7 * jobs
until not at

-- 5. where the jobs stand: for a lead's first, the short way
for i = 1, jobs do
  local job = jobs_at + 7 * i - 6
  local till, sequence, queue
  if library then
    till, sequence, queue = library.enqueue(job, receipt)
  else
    local paused_at, permits, lease_ms, due, score
    paused_at, permits, lease_ms, due, score, sequence = take_apart('>I2I4I4I8I8B', ARGV[job + 6])
    queue = ARGV[job + 1]
    local id, leased, at_once = sub(ARGV[job], 1, 16), prefix .. 'zx' .. queue, due <= now
    local pause = held[paused_at - 1]
    if pause then
      pause = match(pause, '|(.*)$')
      pause = pause == '-' and math.huge or tonumber(pause)
      pause = pause > now and pause
    end
    local in_use, look = call('ZCARD', leased), nil
    if incarnation ~= '' and at_once and not pause and in_use < permits
      and call('ZCARD', prefix .. 'zr' .. queue) == 0 then
      till = now + lease_ms
      look = till
      call('ZADD', leased, till, id .. incarnation)
    elseif at_once then
      look = in_use < math.max(permits, 1) and now
      call('ZADD', prefix .. 'zr' .. queue, score, id)
    else
      look = due
      call('ZADD', prefix .. 'zw' .. queue, due, id)
    end
    if look and pause ~= math.huge then
      look = math.max(look, pause or 0)
      call('ZADD', KEYS[1] .. 'due', 'LT', look, ARGV[1] .. '/' .. queue)
    end
  end
  if till then
    local last = #answer
    answer[last + 1], answer[last + 2], answer[last + 3] = i - 1, till, sequence
    answer[last + 4] = queue
  end
end
if library then
  library.finish()
end

-- 6. the journal: at (now, 0), or behind the last row if that is later
if ARGV[4] ~= '' then
  local journal = prefix .. 'J'
  local added = redis.pcall('XADD', journal, ARGV[5], 'r', receipt, 'd', ARGV[4])
  if type(added) == 'table' then
    local last = call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1][1]
    call('XADD', journal, match(last, '^%d+') .. '-*', 'r', receipt, 'd', ARGV[4])
  end
end

-- 7. the claim
if entry ~= '' then
  call('SET', KEYS[2], entry, 'PX', ARGV[7])
end
return answer
