-- What a commit does to indexes and journal, written at the end.
local changes, adds, looks, in_use, rows

local function begin_commits()
  begin_jobs()
  begin_picks()
  changes, adds, looks, in_use, rows = {}, {}, {}, {}, {}
end

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

-- Each at (now, 0), or behind the last row if that is later. The first row of a millisecond goes alone and says
-- where it stands; those that follow it there are one entry, whose id is the last one's position.
local function write_rows()
  local journal, i = prefix .. 'J', 1
  local last = 0
  while i < #rows do
    last = math.max(rows[i], last)
    local id = format('%d-*', last)
    local added = redis.pcall('XADD', journal, id, 'r', rows[i + 1], 'd', rows[i + 2])
    if type(added) == 'table' then -- the journal's last row is later
      last = tonumber(string.match(call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1][1], '^%d+'))
      added = call('XADD', journal, format('%d-*', last), 'r', rows[i + 1], 'd', rows[i + 2])
    end
    local fields, n = {}, 0
    i = i + 3
    while i < #rows and rows[i] <= last do
      fields[n + 1], fields[n + 2], fields[n + 3], fields[n + 4] = 'r', rows[i + 1], 'd', rows[i + 2]
      n, i = n + 4, i + 3
    end
    if n > 0 then
      local at = tonumber(string.match(added, '%d+$')) + n / 4
      call('XADD', journal, format('%d-%d', last, at), unpack(fields))
    end
  end
  rows = {}
end

-- The row of the commit at hand.
local function note_row(receipt, row)
  local n = #rows
  rows[n + 1], rows[n + 2], rows[n + 3] = math.max(now, 1), receipt, row
end

-- Changes of indexes as they stand in ARGV: name, member, score ('' = out).
local function change(from, n)
  for i = from, from + 3 * n - 1 do
    changes[#changes + 1] = ARGV[i]
  end
end

-- The names of the leads behind a key set.
local function add_leads(names, held)
  for at = 11 + take_apart('>I2', held, 9), #held - 15, 16 do
    names[#names + 1] = prefix .. 'l' .. sub(held, at, at + 15)
  end
end

-- Appends id and value of each lead to an answer.
local function tell_leads(answer, names)
  fetch(names)
  for i = 1, #names do
    local last = #answer
    answer[last + 1], answer[last + 2] = sub(names[i], -16), get(names[i])
  end
  return answer
end
