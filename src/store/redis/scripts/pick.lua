-- Picking a member for a branch: assign/pick.rs and assign/welcome.rs, on tables that are packed again at the
-- end. What is picked from stands in ARGV from the fifth argument on.
local gmatch = string.gmatch
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

-- A pool's state, from turn (8), seats (2), weights in the last draw (4), columns of running weights, last turns, counts, members. A wide
-- one (32768 more seats) has two more columns, when last in a draw and levels, and its method's code (1); one with
-- credit (16384 more) has one of credits, and how many picks were given back (8).
local function state_of(name)
  local text = value[name] or '\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
  local turn, n, drawn_weight = take_apart('>I8I2I4', text)
  local state = { turn = turn, drawn_weight = drawn_weight, members = {}, seats = {}, currents = {}, turns = {}, counts = {}, wide = false }
  state.seens, state.levels = {}, {}
  local seat, names = 0, 15 + 24 * n
  if n >= 16384 then
    local kind, columns = math.floor(n / 16384), 3
    n = n % 16384
    if kind >= 2 then
      columns = 5
      for i = 1, n do
        state.seens[i] = take_apart('>I8', text, 7 + 8 * (3 * n + i))
        state.levels[i] = take_apart('>i8', text, 7 + 8 * (4 * n + i))
      end
    end
    names = 15 + 8 * columns * n
    if kind % 2 == 1 then
      state.credits = {}
      for i = 1, n do
        state.credits[i] = take_apart('>i8', text, names + 8 * (i - 1))
      end
      state.returned, names = take_apart('>I8', text, names + 8 * n)
    end
    if kind >= 2 then
      state.wide, names = byte(text, names), names + 1
    end
  end
  for member in gmatch(sub(text, names), '[^|]+') do
    seat = seat + 1
    state.members[seat], state.seats[member] = member, seat
    state.currents[seat] = take_apart('>i8', text, 7 + 8 * seat)
    state.turns[seat] = take_apart('>I8', text, 7 + 8 * (n + seat))
    state.counts[seat] = take_apart('>I8', text, 7 + 8 * (2 * n + seat))
  end
  states[name] = state
  return state
end

-- Of a rolling window: the names of the counters before this one; they are read with the others.
local function parts_before(name, earlier, names)
  local stem, number = string.match(name, '^(.*:)(%d+)$')
  local parts = {}
  for i = 1, math.min(earlier, tonumber(number)) do
    parts[i] = stem .. format('%d', number - i)
    names[#names + 1] = parts[i]
  end
  return parts
end

-- How much of a cap is used.
local function used(cap)
  local count = counts[cap.name]
  for i = 1, cap.earlier and #cap.earlier or 0 do
    count = count + counts[cap.earlier[i]]
  end
  return count
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
      local cap, name, earlier = {}, nil, 0
      earlier, name, cap.limit, cap.till, at = take_apart('>BBc0I4I8', text, at)
      cap.name, cap.counter = prefix .. 'n' .. name, name
      names[#names + 1], member.caps[j] = cap.name, cap
      if earlier > 0 then
        cap.earlier = parts_before(cap.name, earlier, names)
      end
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
      full = full or used(cap) >= cap.limit and cap
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
      state.currents[i] = state.wide == 1 and 0 or state.currents[i]
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
        state.credits = state.credits or {}
        state.credits[seat] = (state.credits[seat] or 0) + math.floor(missed / #draw.seats)
      elseif method == 1 and skip == 1 then
        state.currents[seat] = math.min(state.currents[seat], 0)
      elseif method == 1 and skip == 2 then
        state.currents[seat] = state.currents[seat] + missed * weight * 100
      elseif method == 3 and skip == 1 then
        levels[seat] = now
      end
    end
  end
end

-- assign/pick.rs: makes running weights parts of a lead of this draw.
local function convert(state, draw)
  local was, is, currents = state.drawn_weight, draw.total, state.currents
  state.drawn_weight = is
  if was == 0 or was == is then
    return
  end
  local most, sum, over = math.floor(9007199254740992 / is), 0, 0
  local function converted(current)
    return math.floor(math.max(-most, math.min(most, current)) * is / was)
  end
  for i = 1, #currents do
    sum = sum + currents[i]
    currents[i] = converted(currents[i])
    over = over - currents[i]
  end
  local first = draw.seats[1]
  currents[first] = currents[first] + over + converted(sum)
end

-- The methods that go by number / weight, then by turn; gives the winner and how many tied.
local function least(spec, state, draw)
  local method, levels, turns = spec.method, state.levels, state.turns
  local winner, tied, best, best_weight, best_turn = nil, 0, 0, 1, 0
  for i = 1, #draw.seats do
    local seat = draw.seats[i]
    local number, weight = levels[seat], 1
    if method == 2 then
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

-- Of those who have picks to their credit the one whose turn is longest ago; `nil` if nobody has.
local function on_credit(state, draw)
  local winner
  for i = 1, #draw.seats do
    local seat = draw.seats[i]
    if (state.credits[seat] or 0) > 0 and (not winner or state.turns[seat] < state.turns[draw.seats[winner]]) then
      winner = i
    end
  end
  return winner
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
  if spec.weighted and #seats > 0 then
    convert(state, draw)
  end
  if #seats > 0 and (spec.wide or state.wide) then
    welcome(spec, state, draw)
  end
  local credited = state.credits and on_credit(state, draw)
  if credited then
    winner = credited
  elseif spec.method >= 2 then
    winner, tied = least(spec, state, draw)
  elseif spec.weighted then
    local currents, weights = state.currents, draw.weights
    for i = 1, #seats do
      local rank = currents[seats[i]] + 100 * weights[i]
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
  state.turn, state.drawn = state.turn + 1, true
  state.counts[seat] = state.counts[seat] + 1
  if credited then
    state.credits[seat] = state.credits[seat] - 1 -- the order stays
  else
    state.turns[seat] = state.turn
    if spec.weighted then
      state.currents[seat] = best - 100 * draw.total
    elseif spec.method == 2 then
      state.levels[seat] = state.levels[seat] + 1000
    elseif spec.method == 3 then
      state.levels[seat] = now
    end
  end
  if state.wide then
    attend(spec, state, draw)
  end
  won = member.caps
  for i = 1, #member.caps do
    local cap = member.caps[i]
    local count = counts[cap.name] + 1
    counts[cap.name] = count
    bumps[#bumps + 1], cap.now = cap, cap.now or now
    if cap.earlier or limits[cap.name][count] then
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
      local credited = (state.returned or 0) > 0
      for _, credit in pairs(state.credits or {}) do
        credited = credited or credit ~= 0
      end
      local kind = (state.wide and 32768 or 0) + (credited and 16384 or 0)
      local parts = { pack('>I8I2I4', state.turn, n + kind, state.drawn_weight) }
      for i = 1, n do
        local seat = order[i]
        parts[1 + i], parts[1 + n + i] = pack('>i8', state.currents[seat]), pack('>I8', state.turns[seat])
        parts[1 + 2 * n + i], parts[1 + 3 * n + i] = pack('>I8', state.counts[seat]), '|' .. members[seat]
      end
      if kind > 0 then
        local columns, m = {}, state.wide and 2 * n or 0
        for i = 1, n do
          local seat = order[i]
          if state.wide then
            columns[i], columns[n + i] = pack('>I8', state.seens[seat]), pack('>i8', state.levels[seat])
          end
          if credited then
            columns[m + i] = pack('>i8', state.credits and state.credits[seat] or 0)
          end
        end
        columns[#columns + 1] = credited and pack('>I8', state.returned or 0) or ''
        table.insert(parts, 2 + 3 * n, concat(columns) .. (state.wide and char(state.wide) or ''))
      end
      put(name, concat(parts))
      state.drawn = false
    end
  end
end

-- Counts what was picked, after the states were put.
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
