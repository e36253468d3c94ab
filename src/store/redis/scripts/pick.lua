-- Picking a member for a branch: assign/pick.rs and assign/welcome.rs.

-- How much of a cap is used.
local function used(cap)
  local count = counts[cap.name]
  for i = 1, cap.earlier and #cap.earlier or 0 do
    count = count + counts[cap.earlier[i]]
  end
  return count
end

-- Who is below all caps, with a seat; and who is not.
local function draw_of(spec)
  local state = states[spec.pool] or state_of(spec.pool)
  local draw = { state = state, epoch = epoch, members = {}, seats = {}, weights = {}, steps = {}, total = 0, full = {} }
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
      draw.members[n], draw.seats[n], draw.weights[n], draw.steps[n] = member, seat, member.weight, 100 * member.weight
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
    local currents, steps = state.currents, draw.steps
    for i = 1, #seats do
      local seat = seats[i]
      local rank = currents[seat] + steps[i]
      currents[seat] = rank
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
