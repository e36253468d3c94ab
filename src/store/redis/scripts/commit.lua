-- Commits of one workspace, several in one call: store/step/mod.rs, "commit". They are done one after
-- another, as if each came alone: on values that are all read at first, writing at the very end.
-- What cannot be read stops the call before anything is written. Commits that need the general way of a
-- job are done behind the others, each writing by itself; one that came without its further branches
-- and would need them is answered 5, untouched.
-- KEYS = shard's tag, names read, names only written. ARGV = workspace, now, incarnation ('' = no
-- leases), numbers, pools to pick from, then per commit: its numbers, claim's entry, versions of its
-- read set (if any is not 0), puts, indexes (name, member, score), branches (per branch: chains as
-- number and value, jobs, indexes), journal row. `at` = the next argument.
local gmatch = string.gmatch
local incarnation, ABSENT = ARGV[3], '\0\0\0\0\0\0\0\0'
local names_read, pools, commits = take_apart('>I2I2I2', ARGV[4])
for first = 2, names_read + 1, 1000 do
  local last = math.min(first + 999, names_read + 1)
  local found = call('MGET', unpack(KEYS, first, last))
  for i = first, last do
    value[KEYS[i]] = found[i - first + 1] or nil -- most are not there: nil will do
  end
end

-- 3. the branch: assign/pick.rs, on tables that are packed again at the end
local specs, states, counts, limits, bumps, lowered = {}, {}, {}, {}, {}, {}
local won -- the caps that the commit's own pick raised
local epoch = 0 -- grows when a count reaches a limit: who is at a cap is found out anew

-- Names go by bytes (`<` goes by the server's locale).
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

-- A pool's state, from turn (8), seats (2), columns of running weights, last turns, counts, members. A wide
-- one (32768 more seats) has two more columns, when last in a draw and levels, and its method's code (1).
local function state_of(name)
  local text = value[name] or '\0\0\0\0\0\0\0\0\0\0'
  local turn, n = take_apart('>I8I2', text)
  local state = { turn = turn, members = {}, seats = {}, currents = {}, turns = {}, counts = {}, wide = false }
  state.seens, state.levels = {}, {}
  local seat, names = 0, 11 + 24 * n
  if n >= 32768 then
    n = n - 32768
    names = 12 + 40 * n
    state.wide = byte(text, names - 1)
    for i = 1, n do
      state.seens[i] = take_apart('>I8', text, 3 + 8 * (3 * n + i))
      state.levels[i] = take_apart('>i8', text, 3 + 8 * (4 * n + i))
    end
  end
  for member in gmatch(sub(text, names), '[^|]+') do
    seat = seat + 1
    state.members[seat], state.seats[member] = member, seat
    state.currents[seat] = take_apart('>i8', text, 3 + 8 * seat)
    state.turns[seat] = take_apart('>I8', text, 3 + 8 * (n + seat))
    state.counts[seat] = take_apart('>I8', text, 3 + 8 * (2 * n + seat))
  end
  states[name] = state
  return state
end

-- Whom a branch may pick: members by name, their weights, their caps.
local function spec_of(number)
  local text = ARGV[4 + number]
  local how, pool, n, at = take_apart('>BBc0I2', text)
  local spec = { method = how % 8, skip = (how - how % 8) / 8, pool = prefix .. 'p' .. pool }
  spec.weighted, spec.wide = spec.method == 1, spec.method == 2 or spec.method == 3 or how >= 8
  local names = { spec.pool }
  for i = 1, n do
    local member = { caps = {} }
    local caps
    member.name, member.weight, caps, at = take_apart('>Bc0I2B', text, at)
    for j = 1, caps do
      local cap, name = {}, nil
      name, cap.limit, cap.till, at = take_apart('>I2c0I4I8', text, at)
      cap.name, cap.counter = prefix .. 'n' .. name, name
      names[#names + 1], member.caps[j] = cap.name, cap
      limits[cap.name] = limits[cap.name] or {}
      limits[cap.name][cap.limit] = true
    end
    spec[i] = member
  end
  spec.beside = sub(text, at)
  fetch(names)
  for i = 2, #names do
    counts[names[i]] = counts[names[i]] or tonumber(value[names[i]] or 0)
  end
  specs[number] = spec
  return spec
end

-- Who is below all caps, with a seat; and who is not.
local function draw_of(spec)
  local state = states[spec.pool] or state_of(spec.pool)
  local draw = { state = state, epoch = epoch, members = {}, seats = {}, weights = {}, total = 0, full = {} }
  local n = 0
  for i = 1, #spec do
    local member, full = spec[i], nil
    for j = 1, #member.caps do
      local cap = member.caps[j]
      full = full or counts[cap.name] >= cap.limit and cap
    end
    if full then
      local label = string.match(full.counter, ':([^:]*)') or ''
      draw.full[#draw.full + 1] = { member.name, format('%s:%s:%d', member.name, label, full.limit) }
    else
      local seat = state.seats[member.name]
      if not seat then
        seat = #state.members + 1
        state.members[seat], state.seats[member.name], state.sorts = member.name, seat, true
        state.currents[seat], state.turns[seat], state.counts[seat] = 0, 0, 0
        state.seens[seat], state.levels[seat] = 0, 0
      end
      n = n + 1
      draw.members[n], draw.seats[n], draw.weights[n] = member, seat, member.weight
      draw.total = draw.total + member.weight
    end
  end
  spec.draw = draw
  return draw
end

-- Levels and weights, summed over those who stayed; if nobody did, over those who come back.
local function average(state, draw)
  local stayed, stayed_weight, back, back_weight = 0, 0, 0, 0
  for i = 1, #draw.seats do
    local seat, weight = draw.seats[i], draw.weights[i]
    if state.seens[seat] == state.turn then
      stayed, stayed_weight = stayed + state.levels[seat], stayed_weight + weight
    end
    if state.seens[seat] > 0 then
      back, back_weight = back + state.levels[seat], back_weight + weight
    end
  end
  if stayed_weight > 0 then
    return stayed, stayed_weight
  end
  return back, back_weight
end

-- assign/welcome.rs: who comes, and who comes back. Methods: 0 round robin, 1 weighted, 2 least assigned,
-- 3 longest idle, 4 least busy; skip: 0 keep turn, 1 lose turn, 2 accrue.
local function welcome(spec, state, draw)
  local method, turn, seens, levels = spec.method, state.turn, state.seens, state.levels
  if state.wide ~= method and (spec.wide or state.wide) then
    for i = 1, #state.members do
      seens[i], levels[i] = spec.wide and turn or 0, 0
    end
    state.wide = spec.wide and method or false
  end
  if not state.wide then
    return
  end
  local sum, weights = 0, 0
  if method == 2 then
    sum, weights = average(state, draw)
  end
  for i = 1, #draw.seats do
    local seat, weight = draw.seats[i], draw.weights[i]
    if seens[seat] ~= turn then
      local skip, missed = seens[seat] == 0 and 0 or spec.skip, turn - seens[seat]
      if method == 2 and skip < 2 then
        if weights > 0 then
          levels[seat] = math.floor(sum * weight / weights) + 1000 * skip
        end
      elseif method == 0 and skip == 1 then
        state.turns[seat] = turn
      elseif method == 0 and skip == 2 then
        levels[seat] = levels[seat] + math.floor(missed / #draw.seats)
      elseif method == 1 and skip == 1 then
        state.currents[seat] = math.min(state.currents[seat], 0)
      elseif method == 1 and skip == 2 then
        state.currents[seat] = state.currents[seat] + missed * weight
      elseif method == 3 and skip == 1 then
        levels[seat] = now
      end
    end
  end
end

-- The methods that go by number / weight, then by turn; gives the winner and how many tied.
local function least(spec, state, draw)
  local method, levels, turns = spec.method, state.levels, state.turns
  local winner, tied, best, best_weight, best_turn = nil, 0, 0, 1, 0
  for i = 1, #draw.seats do
    local seat = draw.seats[i]
    local number, weight = levels[seat], 1
    if method == 0 then
      number = number > 0 and 0 or 1
    elseif method == 2 then
      weight = draw.weights[i]
    elseif method == 4 then
      local cap = draw.members[i].caps[1]
      number, weight = cap and counts[cap.name] or 0, draw.weights[i]
    end
    local more = number * best_weight - best * weight
    if not winner or more < 0 or more == 0 and turns[seat] < best_turn then
      winner, tied, best, best_weight, best_turn = i, 1, number, weight, turns[seat]
    elseif more == 0 and turns[seat] == best_turn then
      tied = tied + 1
    end
  end
  return winner, tied
end

-- Who was in the draw, or would have been, was there at this turn.
local function attend(spec, state, draw)
  local seens, turn = state.seens, state.turn
  for i = 1, #draw.seats do
    seens[draw.seats[i]] = turn
  end
  for name in gmatch(spec.beside, '[^|]+') do
    local seat = state.seats[name]
    if seat and seens[seat] == turn - 1 then
      seens[seat] = turn
    end
  end
end

-- Gives the winner, the turn, how many tied, and who was at a cap (`capped` and further ones).
local function pick(spec, capped)
  local draw = spec.draw
  if not draw or draw.epoch ~= epoch then
    draw = draw_of(spec)
  end
  for i = 1, #draw.full do
    local name, entry = draw.full[i][1], draw.full[i][2]
    if not string.find(',' .. capped, ',' .. name .. ':', 1, true) then
      capped = capped == '' and entry or capped .. ',' .. entry
    end
  end
  local state, seats = draw.state, draw.seats
  local best, winner, tied = -huge, nil, 0
  if #seats > 0 and (spec.wide or state.wide) then
    welcome(spec, state, draw)
  end
  if state.wide and not spec.weighted or spec.method == 4 then
    winner, tied = least(spec, state, draw)
  elseif spec.weighted then
    local currents, weights = state.currents, draw.weights
    for i = 1, #seats do
      local rank = currents[seats[i]] + weights[i]
      currents[seats[i]] = rank
      if rank > best then
        best, winner, tied = rank, i, 1
      elseif rank == best then
        tied = tied + 1 -- the earlier one has the smaller name
      end
    end
  else
    for i = 1, #seats do
      local rank = -state.turns[seats[i]]
      if rank > best then
        best, winner, tied = rank, i, 1
      elseif rank == best then
        tied = tied + 1
      end
    end
  end
  if not winner then
    return nil, 0, 0, capped
  end
  local member, seat = draw.members[winner], seats[winner]
  if spec.weighted then
    state.currents[seat] = best - draw.total
  end
  state.turn, state.drawn = state.turn + 1, true
  state.counts[seat] = state.counts[seat] + 1
  if state.wide and spec.method == 0 and state.levels[seat] > 0 then
    state.levels[seat] = state.levels[seat] - 1 -- on credit: the place stays
  else
    state.turns[seat] = state.turn
  end
  if state.wide then
    if spec.method == 2 then
      state.levels[seat] = state.levels[seat] + 1000
    elseif spec.method == 3 then
      state.levels[seat] = now
    end
    attend(spec, state, draw)
  end
  won = member.caps
  for i = 1, #member.caps do
    local cap = member.caps[i]
    local count = counts[cap.name] + 1
    counts[cap.name] = count
    bumps[#bumps + 1], cap.now = cap, cap.now or now
    if limits[cap.name][count] then
      epoch = epoch + 1
    end
  end
  return member.name, state.turn, tied, capped
end

local function put_states()
  for name, state in pairs(states) do
    if state.drawn then
      local members, order = state.members, {}
      local n = #members
      for i = 1, n do
        order[i] = i
      end
      if state.sorts then
        table.sort(order, function(a, b) return before(members[a], members[b]) end)
      end
      local parts = { pack('>I8I2', state.turn, state.wide and n + 32768 or n) }
      for i = 1, n do
        local seat = order[i]
        parts[1 + i], parts[1 + n + i] = pack('>i8', state.currents[seat]), pack('>I8', state.turns[seat])
        parts[1 + 2 * n + i], parts[1 + 3 * n + i] = pack('>I8', state.counts[seat]), '|' .. members[seat]
      end
      if state.wide then
        local columns = {}
        for i = 1, n do
          columns[i], columns[n + i] = pack('>I8', state.seens[order[i]]), pack('>i8', state.levels[order[i]])
        end
        table.insert(parts, 2 + 3 * n, concat(columns) .. char(state.wide))
      end
      put(name, concat(parts))
      state.drawn = false
    end
  end
end

-- What is written at the end: counters, indexes, rows.
local function count_up()
  local by = {}
  for i = 1, #bumps do
    by[bumps[i].name] = (by[bumps[i].name] or 0) + 1
  end
  for i = 1, #bumps do
    local cap = bumps[i]
    local more = by[cap.name]
    by[cap.name] = nil
    more = not lowered[cap.name] and more
    -- One that is there keeps its end of life: it is the cap's. Numbers are written by `%d`: handing
    -- them to a command, or joining them to a text, prints a double.
    if more and value[cap.name] then
      call('INCRBY', cap.name, more)
    elseif more then
      local life = math.min(math.max(cap.till - cap.now, 0), 31622400000000) + 604800000
      call('SET', cap.name, more, 'PX', format('%d', life))
      value[cap.name] = more
    end
  end
  for name in pairs(lowered) do
    call('SET', name, format('%d', counts[name]))
    value[name] = 'there'
  end
  bumps, lowered = {}, {}
end

local changes, adds, looks, in_use, rows = {}, {}, {}, {}, {}

local function write_indexes()
  for i = 1, #changes, 3 do
    if changes[i + 2] == '' then
      call('ZREM', changes[i], changes[i + 1])
    else
      call('ZADD', changes[i], changes[i + 2], changes[i + 1])
    end
  end
  for index, members in pairs(adds) do
    call('ZADD', index, unpack(members))
  end
  for queue, at in pairs(looks) do
    call('ZADD', KEYS[1] .. 'due', 'LT', format('%d', at), workspace .. '/' .. queue)
  end
  changes, adds, looks, in_use = {}, {}, {}, {}
end

-- Each at (now, 0), or behind the last row if that is later.
local function write_rows()
  local journal = prefix .. 'J'
  for i = 1, #rows, 3 do
    local added = redis.pcall('XADD', journal, rows[i], 'r', rows[i + 1], 'd', rows[i + 2])
    if type(added) == 'table' then
      local last = call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1][1]
      call('XADD', journal, string.match(last, '^%d+') .. '-*', 'r', rows[i + 1], 'd', rows[i + 2])
    end
  end
  rows = {}
end

local function add(index, score, member)
  local members = adds[index]
  if not members then
    members = {}
    adds[index] = members
  end
  local n = #members
  members[n + 1], members[n + 2] = format('%d', score), member
end

-- Where a lead's first job stands (in ready, delayed or leased); the end of its lease, if it is leased.
local function stand(id, queue, permits, lease_ms, due, score)
  local pause, till, look = paused(queue), nil, nil
  local used = in_use[queue]
  if pause ~= huge and not used then
    used = { leased = call('ZCARD', prefix .. 'zx' .. queue) }
    in_use[queue] = used
  end
  if due > now then
    look = due
    add(prefix .. 'zw' .. queue, due, id)
  else
    if incarnation ~= '' and lease_ms > 0 and not pause and used.leased < permits then
      if not used.waits then
        used.waits = call('ZCARD', prefix .. 'zr' .. queue)
      end
      till = used.waits == 0 and now + lease_ms or nil
    end
    if till then
      look = till
      used.leased = used.leased + 1
      add(prefix .. 'zx' .. queue, till, id .. incarnation)
    else
      look = pause ~= huge and used.leased < math.max(permits, 1) and now
      add(prefix .. 'zr' .. queue, score, id)
      if used then
        used.waits = 1
      end
    end
  end
  if look and pause ~= huge then
    look = math.max(look, pause or 0)
    looks[queue] = math.min(looks[queue] or huge, look)
  end
  return till
end

-- What is stale: the values of the read set, then id and value of each lead behind its key sets.
local function stale(first, n)
  local answer, names, identity = { 3 }, {}, prefix .. 'k'
  for i = 1, n do
    local name = KEYS[first + i]
    local held = value[name]
    answer[i + 1] = held or false
    if held and sub(name, 1, #identity) == identity then
      for at = 11 + take_apart('>I2', held, 9), #held - 15, 16 do
        names[#names + 1] = prefix .. 'l' .. sub(held, at, at + 15)
      end
    end
  end
  fetch(names)
  for i = 1, #names do
    local last = #answer
    answer[last + 1], answer[last + 2] = sub(names[i], -16), get(names[i])
  end
  return answer
end

-- The puts: number of the first name and how many follow each other, kind, version or how many behind
-- a shared key; kind + 8 = with an end of life.
local function put_all(header, pos, puts, at, own, read_base, write_base, packed)
  for _ = 1, puts do
    local first, names, kind, number, life
    first, names, kind, number, pos = take_apart('>I2I2BI8', header, pos)
    first = first + (first <= own and read_base or write_base)
    if kind >= 8 then
      life, at, kind = ARGV[at], at + 1, kind - 8
    end
    if kind == 0 then
      local new = ARGV[at]
      for i = first, first + names - 1 do
        put(KEYS[i], new, life)
      end
      at = at + 1
    elseif kind == 1 then -- the receipt between version and body
      put(KEYS[first], sub(header, pos - 8, pos - 1) .. packed .. ARGV[at], life)
      at = at + 1
    elseif kind == 2 then
      put(KEYS[first], false)
    elseif kind == 4 then -- lower a counter; what this commit's pick added comes on top
      local name, own_pick = KEYS[first], 0
      local count = counts[name] or tonumber(get(name) or 0)
      for i = 1, won and #won or 0 do
        own_pick = own_pick + (won[i].name == name and 1 or 0)
      end
      counts[name] = math.max(count - own_pick - number, 0) + own_pick
      lowered[name], epoch = true, epoch + 1
    else -- more behind a shared key
      local name = KEYS[first]
      local held = get(name)
      local start = held and 11 + take_apart('>I2', held, 9)
      if held and #held == start + 4 and sub(held, start, start) == '!' then
        local count = math.min(take_apart('>I4', held, start + 1) + number, 4294967295)
        put(name, sub(held, 1, 8) .. '\0\0!' .. pack('>I4', count))
      end
    end
  end
end

local function change(from, n)
  for i = from, from + 3 * n - 1 do
    changes[#changes + 1] = ARGV[i]
  end
end

local library

-- The jobs of the branch taken: a chain = its number and its value if there is none yet; a job = name,
-- value up to the receipt, what follows that, numbers. Appends leases to the answer.
local function put_jobs(at, chains, jobs, own_changes, general, read_base, packed, answer)
  local first = at + 2 * chains
  change(first + 4 * jobs, own_changes)
  if general then
    library = library or load_library()
    for i = 1, jobs do
      library.check(first + 4 * i - 4)
    end
    write_indexes()
  else
    for i = at, first - 1, 2 do
      put(KEYS[read_base + ARGV[i]], ARGV[i + 1])
    end
  end
  for i = 1, jobs do
    local job = first + 4 * i - 4
    local till, sequence, queue
    if general then
      till, sequence, queue = library.enqueue(job, answer[2])
    else
      local permits, lease_ms, due, score
      permits, lease_ms, due, score, sequence = take_apart('>I4I4I8I8B', ARGV[job + 3], 2)
      queue = sub(ARGV[job + 1], 40, -2)
      put(ARGV[job], ARGV[job + 1] .. packed .. ARGV[job + 2])
      till = stand(sub(ARGV[job], -16), queue, permits, lease_ms, due, score)
    end
    if till then
      local last = #answer
      answer[last + 1], answer[last + 2], answer[last + 3] = i - 1, till, sequence
      answer[last + 4] = queue
    end
  end
  if general then
    library.finish()
  end
end

-- One commit; gives its answer (none = it needs the general way, which is for later) and where the next
-- one begins.
local function commit(at, later)
  local header = ARGV[at]
  local read_base, write_base, spec_base, count, flags, life, own, reads, puts, put_args, more, branches, given, pos
  read_base, write_base, spec_base, count, now, flags, life, own, reads, puts, put_args, more, branches, given, pos =
    take_apart('>I2I2I2I2I8BI8I2I2I2I2I2I2I2', header)
  local following = at + 1 + count
  at = at + 1

  -- 1. the claim
  local claim, entry
  local first = read_base
  if flags % 2 == 1 then
    claim, entry, at, first = KEYS[read_base + 1], ARGV[at], at + 1, read_base + 1
    local held = value[claim]
    if held and #held ~= 32 then
      corrupt('a claim that cannot be read')
    end
    if held and take_apart('>I8', held, 25) > now then
      return { sub(held, 1, 8) == sub(entry, 1, 8) and 1 or 2, sub(held, 9, 24) }, following
    end
  end

  -- 2. the read set
  local versions
  if flags % 4 >= 2 then
    versions, at = ARGV[at], at + 1
  end
  for i = 1, reads do
    local held = value[KEYS[first + i]]
    if (held and sub(held, 1, 8) or ABSENT) ~= (versions and sub(versions, 8 * i - 7, 8 * i) or ABSENT) then
      return stale(first, reads), following
    end
  end

  -- 3. the branch
  local branch_at, number, taken = at + put_args + 3 * more, 0, branches == 0
  local member, turn, tied, capped = nil, 0, 0, ''
  local chains, jobs, own_changes, general = 0, 0, 0, false
  won = nil
  for branch = 1, given do
    local spec, arguments
    spec, chains, jobs, own_changes, arguments = take_apart('>I2I2I2I2I2', header, pos + 10 * branch - 10)
    general = false
    for i = branch_at, branch_at + 2 * chains - 1, 2 do
      general = general or value[KEYS[read_base + ARGV[i]]]
    end
    for i = branch_at + 2 * chains + 3, branch_at + 2 * chains + 4 * jobs - 1, 4 do
      general = general or byte(ARGV[i]) == 0
    end
    if general and not later then
      return false, following
    end
    number = branch - 1
    if spec > 0 then
      member, turn, tied, capped = pick(specs[spec_base + spec] or spec_of(spec_base + spec), capped)
    end
    taken = spec == 0 or member
    if taken then
      break
    end
    if branch < given then
      branch_at = branch_at + arguments
    end
  end
  if not taken and given < branches then
    return { 5 }, following
  end
  local receipt = format('%d|%s|%d|%d|%s', number, member or '', turn, tied, capped)
  local packed = pack('>I2', #receipt) .. receipt
  local answer = { 0, receipt }

  -- 4. to 7.
  put_all(header, pos + 10 * given, puts, at, own, read_base, write_base, packed)
  change(at + put_args, more)
  put_jobs(branch_at, chains, jobs, own_changes, general, read_base, packed, answer)
  if flags >= 4 then
    local n = #rows
    rows[n + 1], rows[n + 2], rows[n + 3] = format('%d-*', math.max(now, 1)), receipt, ARGV[following - 1]
  end
  if claim then
    put(claim, entry, format('%d', life))
  end
  return answer, following
end

local function write()
  put_states()
  flush()
  count_up()
  write_indexes()
  write_rows()
end

local answers, later, at = {}, {}, 5 + pools
for i = 1, commits do
  local begin = at
  answers[i], at = commit(begin, false)
  if not answers[i] then
    later[#later + 1], later[#later + 2] = i, begin
  end
end
write()
for i = 1, #later, 2 do
  answers[later[i]] = commit(later[i + 1], true)
  write()
end
return answers
