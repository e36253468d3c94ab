-- Giving leases, the next of a chain, and when a queue next needs looking at.

-- `ZADD` and `ZREM` of many members at once.
local function call_many(command, index, arguments)
  for first = 1, #arguments, 2000 do
    call(command, index, unpack(arguments, first, math.min(first + 1999, #arguments)))
  end
end

-- Reads the jobs not read yet.
local function fetch_jobs(ids)
  local names = {}
  for i = 1, #ids do
    names[i] = prefix .. 'j' .. ids[i]
  end
  fetch(names)
end

-- Jobs of `members` (16 bytes of each) that have a value go into ready.
local function make_all_ready(queue, members)
  local ids, adds = {}, {}
  for i = 1, #members do
    ids[i] = sub(members[i], 1, 16)
  end
  fetch_jobs(ids)
  for i = 1, #ids do
    local bytes = value[prefix .. 'j' .. ids[i]]
    if bytes then
      local priority, due = take_apart('>BI8', bytes, 14)
      adds[#adds + 1], adds[#adds + 2] = priority * BAND + math.min(due, BAND - 1), ids[i]
    end
  end
  call_many('ZADD', ready(queue), adds)
end

-- How long what has served stays, in milliseconds.
local WEEK = 604800000

-- How fast the queue may go: microseconds for each, how many at once, jobs in one; nil = as it likes.
local pace

local function begin_leases()
  begin_jobs()
  pace = nil
end

-- Reads the pace from three arguments.
local function read_pace(at)
  local every = tonumber(ARGV[at])
  pace = every > 0
    and { every = every, burst = tonumber(ARGV[at + 1]), jobs = tonumber(ARGV[at + 2]) }
end

-- Until when the queue's bucket is in use, in microseconds.
local function in_use(queue)
  return math.max(now * 1000, tonumber(get(prefix .. 'q' .. queue) or 0))
end

-- How many jobs may begin by the pace.
local function may_begin(queue)
  local room = now * 1000 + pace.every * pace.burst - in_use(queue)
  return math.max(0, (room - room % pace.every) / pace.every * pace.jobs)
end

-- So many jobs begin.
local function begin(queue, jobs)
  local till = in_use(queue) + pace.every * math.ceil(jobs / pace.jobs)
  put(prefix .. 'q' .. queue, format('%.0f', till), math.max(math.floor(till / 1000) + 1 - now, 0) + WEEK)
end

-- Leases up to `count` ready jobs: appends id and value of each to `answer`.
local function take(queue, incarnation, permits, lease_ms, count, answer)
  if count == 0 or paused(queue) then
    return
  end
  local free = math.min(count, permits - call('ZCARD', leased(queue)))
  if pace then
    free = math.min(free, may_begin(queue))
  end
  if free <= 0 then
    return
  end
  local ids = call('ZRANGE', ready(queue), 0, free - 1)
  if #ids == 0 then
    return
  end
  call('ZREMRANGEBYRANK', ready(queue), 0, #ids - 1)
  fetch_jobs(ids)
  local adds = {}
  for i = 1, #ids do
    local id = ids[i]
    local bytes = value[prefix .. 'j' .. id]
    if bytes then
      local lead = sub(bytes, 23, 38)
      if byte(bytes, 13) % 2 == COALESCES and lead ~= NONE then
        local chain = chain_of(lead)
        local record = find(chain, queue)
        if record and record.open == id then
          record.open = NONE
          touch(chain)
        end
      end
      adds[#adds + 1], adds[#adds + 2] = now + lease_ms, id .. incarnation
      answer[#answer + 1], answer[#answer + 2] = id, bytes
    end
  end
  call_many('ZADD', leased(queue), adds)
  if pace and #adds > 0 then
    begin(queue, #adds / 2)
  end
end

local function first_score(index)
  return tonumber(call('ZRANGE', index, 0, 0, 'WITHSCORES')[2])
end

-- The time, or nil. `permits` = nil: unknown.
local function next_look(queue, permits)
  local till = paused(queue)
  if till == huge then
    return nil
  end
  local is_ready = call('ZCARD', ready(queue)) > 0
  local due, ends = first_score(delayed(queue)), first_score(leased(queue))
  if not (is_ready or due or ends) then
    return nil
  end
  if till then
    return till
  end
  local at = math.min(due or huge, ends or huge)
  if is_ready and (not permits or call('ZCARD', leased(queue)) < permits) then
    local free_at = pace and math.ceil((in_use(queue) - pace.every * (pace.burst - 1)) / 1000)
    at = math.min(at, math.max(now, free_at or now))
  end
  return at < huge and at or nil
end

-- Sets exactly when the queue needs looking at; gives the time, or -1.
local function watch(queue, permits)
  local at = next_look(queue, permits)
  if at then
    call('ZADD', KEYS[1] .. 'due', at, workspace .. '/' .. queue)
  else
    call('ZREM', KEYS[1] .. 'due', workspace .. '/' .. queue)
  end
  return at or -1
end
