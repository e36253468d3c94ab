-- The one atomic step: store/step/mod.rs, "commit". Written flat and with few strings: this is what
-- every inquiry costs. KEYS = shard's tag, then what is read: claim (if any), read set, what plan
-- and writes need. ARGV = workspace, now, incarnation ('' = no leases), journal row, its id, claim's
-- entry ('' = none), numbers, versions of the read set, versions of the puts with the receipt; then
-- puts (name, value), puts with the receipt (name, body), other writes (kind, name, life, value or
-- version or times, body or number of the key), indexes (name, member, score), the first branch, and
-- the further ones packed into one. Names are whole; numbers of keys count within KEYS.
local call, sub, find, match = redis.call, string.sub, string.find, string.match
local format, rep, pack, take_apart, huge = string.format, string.rep, struct.pack, struct.unpack, math.huge
local now, incarnation, entry = tonumber(ARGV[2]), ARGV[3], ARGV[6]
local claim_life, reads, puts, receipts, others, indexes, branches =
  take_apart('>I8I2I2I2I2I2I2', ARGV[7])
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
local versions = ARGV[8]
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

-- 3. the branch: assign/pick.rs. A branch: its numbers; if it picks: the members `|anna|bert`, their
-- weights, their caps (member's number, key, limit, life); its chains, jobs and indexes.
local puts_at = 10
local receipts_at = puts_at + 2 * puts
local others_at = receipts_at + 2 * receipts
local indexes_at = others_at + 5 * others
local branch_at = indexes_at + 3 * indexes

-- The draw when some have no seat yet or are not in it; mirrors assign/pick.rs in full. Making
-- functions costs, so it is loaded where needed. Gives winner's number, tie, the state after it.
local function load_draw()
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
  return function(text, turn, seats, members, numbers, weights, weighted)
    local names, currents, turns, counts, n = {}, {}, {}, {}, 0
    local best, winner, place, tied, total, at = nil, nil, nil, 0, 0, 1
    local function add(name, current, last, count)
      n = n + 1
      names[n], currents[n], turns[n], counts[n] = name, current, last, count
    end
    local function consider(name, current, last, count)
      local rank = -last
      if weighted then
        local weight = take_apart('>I2', weights, 2 * numbers[at] - 1)
        total = total + weight
        current = current + weight
        rank = current
      end
      add(name, current, last, count)
      if not best or rank > best then
        best, winner, place, tied = rank, numbers[at], n, 1
      elseif rank == best then
        tied = tied + 1 -- the earlier one has the smaller name
      end
      at = at + 1
    end
    -- Members and seats are both sorted: one walk over the two.
    local seat = 3
    for name in string.gmatch(sub(text, 11 + 24 * seats), '[^|]+') do
      local current = take_apart('>i8', text, seat + 8)
      local last = take_apart('>I8', text, seat + 8 * seats + 8)
      local count = take_apart('>I8', text, seat + 16 * seats + 8)
      seat = seat + 8
      while members[at] and members[at] ~= name and before(members[at], name) do
        consider(members[at], 0, 0, 0)
      end
      if members[at] == name then
        consider(name, current, last, count)
      else
        add(name, current, last, count)
      end
    end
    while members[at] do
      consider(members[at], 0, 0, 0)
    end
    if weighted then
      currents[place] = currents[place] - total
    end
    turns[place], counts[place] = turn, counts[place] + 1
    local parts = { pack('>I8I2', turn, n) }
    for i = 1, n do
      parts[1 + i], parts[1 + n + i] = pack('>i8', currents[i]), pack('>I8', turns[i])
      parts[1 + 2 * n + i], parts[1 + 3 * n + i] = pack('>I8', counts[i]), '|' .. names[i]
    end
    return winner, tied, table.concat(parts)
  end
end

local args, number, pool, state, winner = ARGV, 0, nil, nil, nil
local capped, member, turn, tied = '', '', 0, 0
local chains_at, chains, jobs_at, jobs, own_indexes = nil, 0, nil, 0, 0
local packed_at = 1
while number < branches do
  if number > 0 then -- the next of those packed into one: how many arguments, each with its length
    local count
    args, branch_at = {}, 1
    count, packed_at = take_apart('>I2', ARGV[#ARGV], packed_at)
    for i = 1, count do
      args[i], packed_at = take_apart('>I4c0', ARGV[#ARGV], packed_at)
    end
  end
  local weighted
  pool, weighted, chains, jobs, own_indexes = take_apart('>I2BI2I2I2', args[branch_at])
  weighted = weighted == 1
  chains_at = branch_at + (pool > 0 and 4 or 1)
  jobs_at = chains_at + 2 * chains
  if pool == 0 then
    break
  end

  local names, weights, caps = args[branch_at + 1], args[branch_at + 2], args[branch_at + 3]
  local full
  for i = 1, #caps, 16 do
    local of, key, limit = take_apart('>I2I2I4', caps, i)
    if tonumber(held[key - 1] or 0) >= limit then
      full = full or {}
      full[of] = true
    end
  end
  local text = held[pool - 1] or '\0\0\0\0\0\0\0\0\0\0'
  local seats
  turn, seats = take_apart('>I8I2', text)
  turn = turn + 1
  if not full and sub(text, 11 + 24 * seats) == names then
    -- The usual case: everybody is in the draw and has a seat. Columns of numbers, read and written
    -- whole; the winner's number is its place.
    local best, from, total = -huge, 11 + 8 * seats, 0
    local column = weighted and { take_apart('>' .. rep('i8', seats), text, 11) }
      or { take_apart('>' .. rep('I8', seats), text, from) }
    local weight = weighted and { take_apart('>' .. rep('I2', seats), weights) }
    for i = 1, seats do
      local rank = column[i]
      if weighted then
        rank = rank + weight[i]
        column[i] = rank
        total = total + weight[i]
      else
        rank = -rank
      end
      if rank > best then
        best, winner, tied = rank, i, 1
      elseif rank == best then
        tied = tied + 1
      end
    end
    local last = from + 8 * winner
    local count = last + 8 * seats
    if weighted then
      column[winner] = column[winner] - total
      state = pack('>I8I2' .. rep('i8', seats), turn, seats, unpack(column, 1, seats))
    else
      state = pack('>I8I2', turn, seats) .. sub(text, 11, from - 1)
    end
    state = state .. sub(text, from, last - 9) .. pack('>I8', turn) .. sub(text, last, count - 9)
      .. pack('>I8', take_apart('>I8', text, count - 8) + 1) .. sub(text, count)
  else
    local members, numbers, i = {}, {}, 0
    for name in string.gmatch(names, '[^|]+') do
      i = i + 1
      if not (full and full[i]) then
        members[#members + 1], numbers[#numbers + 1] = name, i
      elseif not find(',' .. capped .. ',', ',' .. name .. ',', 1, true) then
        capped = capped == '' and name or capped .. ',' .. name
      end
    end
    if #members > 0 then
      winner, tied, state = load_draw()(text, turn, seats, members, numbers, weights, weighted)
    end
  end
  if winner then
    local from = 1
    for _ = 2, winner do
      from = find(names, '|', from + 1, true)
    end
    member = match(names, '[^|]+', from)
    break
  end
  turn = 0
  number = number + 1
end
-- Numbers are written by `%d`: joining them to a text, or handing them to a command, prints a double.
local receipt = format('%d|%s|%d|%d|%s', math.max(math.min(number, branches - 1), 0), member, turn,
  tied, capped)
local packed = pack('>I2', #receipt) .. receipt

-- 4. and 5., the values: puts, pool, jobs, chains
local set, n = { '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '' }, 2 * puts
for i = 1, n do
  set[i] = ARGV[puts_at + i - 1]
end
for i = 0, receipts - 1 do
  local at = receipts_at + 2 * i
  set[n + 1] = ARGV[at]
  set[n + 2] = sub(ARGV[9], 8 * i + 1, 8 * i + 8) .. packed .. ARGV[at + 1]
  n = n + 2
end
if state then
  set[n + 1], set[n + 2] = KEYS[pool], state
  n = n + 2
end

-- A chain: number of its key, value if there is none yet. A job: name, value up to the receipt,
-- what follows that, numbers. The short way is for a lead's first jobs, and for those without lead.
local answer, library = { 0, receipt }, nil
for i = chains_at or 0, (jobs_at or 0) - 2, 2 do
  library = library or held[args[i] - 1]
end
for i = 1, jobs do
  library = library or string.byte(args[jobs_at + 4 * i - 1]) == 0
end
if library then -- a chain that is there must be readable before anything is written
  library = load_library(args)
  for i = 1, #held do
    library.seed(KEYS[i + 1], held[i])
  end
  for i = 1, n, 2 do
    library.seed(set[i], set[i + 1])
  end
  for i = 1, jobs do
    library.check(jobs_at + 4 * i - 4)
  end
else
  for i = chains_at or 0, (jobs_at or 0) - 2, 2 do
    set[n + 1], set[n + 2] = KEYS[tonumber(args[i])], args[i + 1]
    n = n + 2
  end
  for i = 1, jobs do
    local job = jobs_at + 4 * i - 4
    set[n + 1], set[n + 2] = args[job], args[job + 1] .. packed .. args[job + 2]
    n = n + 2
  end
end
if n > 0 then
  call('MSET', unpack(set, 1, n))
end
for i = others_at, indexes_at - 1, 5 do
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
      new = sub(new, 1, 8) .. '\0\0!' .. pack('>I4', count)
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
if winner then
  local caps = args[branch_at + 3]
  for i = 1, #caps, 16 do
    local of, key, _, life = take_apart('>I2I2I4I8', caps, i)
    if of == winner then
      -- One that is there keeps its end of life: it is the cap's.
      if held[key - 1] then
        call('INCR', KEYS[key])
      else
        call('SET', KEYS[key], '1', 'PX', format('%d', life))
      end
    end
  end
end

-- The indexes, of the commit and of the branch
for i = 1, indexes + own_indexes do
  local from, at = ARGV, indexes_at + 3 * i - 3
  if i > indexes then
    from, at = args, jobs_at + 4 * jobs + 3 * (i - indexes) - 3
  end
  if from[at + 2] == '' then
    call('ZREM', from[at], from[at + 1])
  else
    call('ZADD', from[at], from[at + 2], from[at + 1])
  end
end

-- 5. where the jobs stand
for i = 1, jobs do
  local job = jobs_at + 4 * i - 4
  local till, sequence, queue
  if library then
    till, sequence, queue = library.enqueue(job, receipt)
  else
    local _, paused_at, permits, lease_ms, due, score
    _, paused_at, permits, lease_ms, due, score, sequence =
      take_apart('>BI2I4I4I8I8B', args[job + 3])
    queue = sub(args[job + 1], 40, -2)
    local id, leased, at_once = sub(args[job], -16), prefix .. 'zx' .. queue, due <= now
    local pause = held[paused_at - 1]
    if pause then
      pause = match(pause, '|(.*)$')
      pause = pause == '-' and huge or tonumber(pause)
      pause = pause > now and pause
    end
    local in_use, look = call('ZCARD', leased), nil
    if incarnation ~= '' and at_once and not pause and in_use < permits
      and call('ZCARD', prefix .. 'zr' .. queue) == 0 then
      till = now + lease_ms
      look = till
      call('ZADD', leased, format('%d', till), id .. incarnation)
    elseif at_once then
      look = in_use < math.max(permits, 1) and now
      call('ZADD', prefix .. 'zr' .. queue, format('%d', score), id)
    else
      look = due
      call('ZADD', prefix .. 'zw' .. queue, format('%d', due), id)
    end
    if look and pause ~= huge then
      look = math.max(look, pause or 0)
      call('ZADD', KEYS[1] .. 'due', 'LT', format('%d', look), ARGV[1] .. '/' .. queue)
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
  call('SET', KEYS[2], entry, 'PX', format('%d', claim_life))
end
return answer
