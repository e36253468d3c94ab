-- Pools: what was drawn so far, whom a branch may pick, how often each was picked; on tables that are packed again
-- at the end. What is picked from stands in ARGV from the fifth argument on.
local specs, states, counts, limits, bumps, lowered
local won -- the caps that the commit's own pick raised
local epoch -- grows when a count reaches a limit: who is at a cap is found out anew

-- From call to call: specs by prefix and text, for they come again word for word until a cap's day ends; states by name,
-- beside the text they were last written as.
local KEPT_MAX = 256
local kept_specs, kept_states, kept = {}, {}, 0

local function keep(of, name, thing)
  if kept >= KEPT_MAX then
    kept_specs, kept_states, kept = {}, {}, 0
    return
  end
  kept = of[name] and kept or kept + 1
  of[name] = thing
end

local function begin_picks()
  specs, states, counts, limits, bumps, lowered = {}, {}, {}, {}, {}, {}
  won, epoch = nil, 0
end

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
  local last = kept_states[name]
  if last and last.text == text then
    last.text = nil -- until it is written again: a call that fails leaves a state that never was
    states[name] = last
    return last
  end
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

-- A spec taken apart: members by name, their weights, their caps, the names of all that is read for it.
local function parsed(text)
  local how, pool, n, at = take_apart('>BBc0I2', text)
  local spec = { method = how % 8, skip = (how - how % 8) / 8, pool = prefix .. 'p' .. pool, caps = {} }
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
      names[#names + 1], member.caps[j], spec.caps[#spec.caps + 1] = cap.name, cap, cap
      if earlier > 0 then
        cap.earlier = parts_before(cap.name, earlier, names)
      end
    end
    spec[i] = member
  end
  spec.beside, spec.names = sub(text, at), names
  return spec
end

-- Whom a branch may pick.
local function spec_of(number)
  local text, of_prefix = ARGV[4 + number], kept_specs[prefix]
  if not of_prefix then
    of_prefix = {}
    keep(kept_specs, prefix, of_prefix)
  end
  local spec = of_prefix[text]
  if not spec then
    spec = parsed(text)
    keep(of_prefix, text, spec)
  end
  fetch(spec.names)
  for i = 2, #spec.names do
    local name = spec.names[i]
    counts[name] = counts[name] or tonumber(value[name] or 0)
  end
  for i = 1, #spec.caps do
    local cap = spec.caps[i]
    limits[cap.name] = limits[cap.name] or {}
    limits[cap.name][cap.limit], cap.now = true, nil
  end
  spec.draw, specs[number] = nil, spec
  return spec
end

-- A column with its sign and two without, so many at once as the stack has room for.
local function packed_numbers(numbers, n)
  local parts = {}
  for first = 1, 3 * n, 1000 do
    local last = math.min(first + 999, 3 * n)
    local signed = math.max(math.min(n - first + 1, 1000), 0)
    local kinds = string.rep('i8', signed) .. string.rep('I8', last - first + 1 - signed)
    parts[#parts + 1] = pack('>' .. kinds, unpack(numbers, first, last))
  end
  return concat(parts)
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
      local numbers, names, currents, turns, counts = {}, {}, state.currents, state.turns, state.counts
      for i = 1, n do
        local seat = order[i]
        numbers[i], numbers[n + i], numbers[2 * n + i] = currents[seat], turns[seat], counts[seat]
        names[i] = members[seat]
      end
      local parts = {
        pack('>I8I2I4', state.turn, n + kind, state.drawn_weight), packed_numbers(numbers, n), '|' .. concat(names, '|'),
      }
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
        table.insert(parts, 3, concat(columns) .. (state.wide and char(state.wide) or ''))
      end
      state.text, state.drawn = concat(parts), false
      put(name, state.text)
      if not state.sorts then -- when it is read anew it is in order
        keep(kept_states, name, state)
      end
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
