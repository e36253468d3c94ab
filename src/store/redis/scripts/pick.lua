-- Mirrors assign/pick.rs: the first branch that needs nobody or finds somebody below all caps.

-- Whether name `a` stands before `b` by bytes (`<` goes by the server's locale).
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

-- A pool's state: the turn, seats in order, and each member's seat.
local function read_pool(text)
  local turn, seats, of = 0, {}, {}
  if text then
    turn = tonumber(string.match(text, '^%d+')) or corrupt('a pool that cannot be read')
    for member, current, last, assigned in string.gmatch(text, '|([^:|]+):(-?%d+):(%d+):(%d+)') do
      local seat = { member, tonumber(current), tonumber(last), tonumber(assigned) }
      seats[#seats + 1] = seat
      of[member] = seat
    end
  end
  return turn, seats, of
end

local function write_pool(turn, seats)
  local parts = { format('%.0f', turn) }
  for i = 1, #seats do
    local seat = seats[i]
    parts[i + 1] = format('%s:%.0f:%.0f:%.0f', seat[1], seat[2], seat[3], seat[4])
  end
  return concat(parts, '|')
end

local function seat_of(member, seats, of)
  local seat = of[member]
  if not seat then
    seat = { member, 0, 0, 0 }
    local at = #seats + 1
    while at > 1 and before(member, seats[at - 1][1]) do
      at = at - 1
    end
    table.insert(seats, at, seat)
    of[member] = seat
  end
  return seat
end

-- Whether a candidate is below its caps `key,limit,life;…` (key = number in `keys`).
local function below_caps(caps, keys)
  for key, limit in string.gmatch(caps, '(%d+),(%d+),%d+') do
    if tonumber(get(keys[tonumber(key)]) or 0) >= tonumber(limit) then
      return false
    end
  end
  return true
end

-- Picks among `free` ({member, weight, caps}); gives the winner, the tie, the turn, the new state.
local function choose(weighted, free, state)
  local turn, seats, of = read_pool(state)
  local best, winner, tied, total = nil, nil, 0, 0
  for i = 1, #free do
    local weight = free[i][2]
    local seat = seat_of(free[i][1], seats, of)
    local rank = seat[3]
    if weighted then
      seat[2] = seat[2] + weight
      rank = -seat[2]
      total = total + weight
    end
    if not best or rank < best then
      best, winner, tied = rank, i, 1
    elseif rank == best then
      tied = tied + 1 -- candidates come sorted: the earlier one has the smaller name
    end
  end
  turn = turn + 1
  local seat = of[free[winner][1]]
  seat[2], seat[3], seat[4] = seat[2] - total, turn, seat[4] + 1
  return free[winner], tied, turn, write_pool(turn, seats)
end

-- Goes through the branches from ARGV[at]: each is `arguments to skip, pool, method, candidates,
-- jobs, indexes …`. Gives the receipt, where the branch's jobs begin, and what the pick changes.
local function pick_branch(at, branches, keys)
  local capped, seen, here = {}, {}, nil
  for number = 0, branches - 1 do
    here = at
    at = at + tonumber(ARGV[at]) + 1
    local pool = ARGV[here + 1]
    if pool == '' then
      return format('%d||0|0|%s', number, concat(capped, ',')), here + 4
    end
    local free = {}
    for member, weight, caps in string.gmatch(ARGV[here + 3], '([^:|]+):(%d+):([^|]*)') do
      if caps == '' or below_caps(caps, keys) then
        free[#free + 1] = { member, tonumber(weight), caps }
      elseif not seen[member] then
        seen[member] = true
        capped[#capped + 1] = member
      end
    end
    if #free > 0 then
      local winner, tied, turn, state = choose(ARGV[here + 2] == 'w', free, get('p' .. pool))
      local receipt = format('%d|%s|%.0f|%d|%s', number, winner[1], turn, tied, concat(capped, ','))
      return receipt, here + 4, 'p' .. pool, state, winner[3]
    end
  end
  if here then
    return format('%d||0|0|%s', branches - 1, concat(capped, ',')), here + 4
  end
  return '0||0|0|', nil
end
