-- Jobs and the chains of a lead's jobs; where a queue's jobs stand and when it is due.
-- The bytes and the steps are those of store/step/mod.rs.
local BAND = 4398046511104 -- 2^42
local HANDED_OVER = 1
local COALESCES = 1

local chains, touched

local function begin_jobs()
  chains, touched = {}, {}
end

-- A lead's chains: records 1..n, and `jobs`, the newest fifty (17 bytes each).
local function chain_of(lead)
  local chain = chains[lead]
  if chain then
    return chain
  end
  chain = { lead = lead, jobs = '' }
  local bytes = get(prefix .. 'd' .. lead)
  if bytes then
    local records, at = byte(bytes, 1), 2
    for i = 1, records do
      local length = byte(bytes, at)
      local record = { number = i, queue = sub(bytes, at + 1, at + length) }
      local waiting
      record.flags, record.sequence, record.head, record.open, waiting, at =
        take_apart('>BI8c16c16I2', bytes, at + 1 + length)
      record.successors = sub(bytes, at, at + 16 * waiting - 1)
      at = at + 16 * waiting
      chain[i] = record
    end
    local length = 17 * byte(bytes, at)
    chain.jobs = sub(bytes, at + 1, at + length)
    if at + length ~= #bytes then
      corrupt('a chain that cannot be read')
    end
  end
  chains[lead] = chain
  return chain
end

-- The record of a queue, nil if the lead has none.
local function find(chain, queue)
  for i = 1, #chain do
    if chain[i].queue == queue then
      return chain[i]
    end
  end
end

local function find_or_add(chain, queue)
  local record = find(chain, queue)
  if not record then
    if #chain >= 255 then
      error({ err = 'REFUSED one lead has jobs in more than 255 queues' })
    end
    record = { number = #chain + 1, queue = queue, flags = 0, sequence = 0 }
    record.head, record.open, record.successors = NONE, NONE, ''
    chain[record.number] = record
  end
  return record
end

-- The chain is to be written.
local function touch(chain)
  if not chain.touched then
    chain.touched = true
    touched[#touched + 1] = chain
  end
end

local function put_chains()
  for i = 1, #touched do
    local chain = touched[i]
    local parts = { char(#chain) }
    for j = 1, #chain do
      local r = chain[j]
      parts[j + 1] = char(#r.queue) .. r.queue .. pack('>BI8', r.flags, r.sequence) .. r.head
        .. r.open .. pack('>I2', #r.successors / 16) .. r.successors
    end
    parts[#parts + 1] = char(#chain.jobs / 17) .. chain.jobs
    put(prefix .. 'd' .. chain.lead, concat(parts))
  end
  chains, touched = {}, {}
end

-- The job is the lead's newest.
local function remember(chain, record, id)
  chain.jobs = sub(chain.jobs .. char(record.number - 1) .. id, -850)
end

-- A job's value taken apart; nil if there is none.
local function read_job(id)
  local bytes = get(prefix .. 'j' .. id)
  if not bytes then
    return nil
  end
  local job, length, at = { id = id }, nil, nil
  job.sequence, job.absorbed, job.flags, job.priority, job.due, job.lead, length, at =
    take_apart('>I8I4BBI8c16B', bytes)
  job.queue, at = sub(bytes, at, at + length - 1), at + length
  length = 16 * byte(bytes, at)
  job.ids, at = sub(bytes, at + 1, at + length), at + length + 1
  length, at = take_apart('>I2', bytes, at)
  job.receipt, at = sub(bytes, at, at + length - 1), at + length
  length, at = take_apart('>I4', bytes, at)
  job.state, job.body = sub(bytes, at, at + length - 1), sub(bytes, at + length)
  return job
end

local function write_job(job, life)
  put(prefix .. 'j' .. job.id, pack('>I8I4BBI8', job.sequence, job.absorbed, job.flags, job.priority, job.due)
    .. job.lead .. char(#job.queue) .. job.queue .. char(#job.ids / 16) .. job.ids
    .. pack('>I2', #job.receipt) .. job.receipt .. pack('>I4', #job.state) .. job.state
    .. job.body, life)
end

local function ready(queue) return prefix .. 'zr' .. queue end
local function delayed(queue) return prefix .. 'zw' .. queue end
local function leased(queue) return prefix .. 'zx' .. queue end

-- The queue needs looking at by `at`, or earlier.
local function lower(queue, at)
  local till = paused(queue)
  if till == huge then
    return
  end
  if till and till > at then
    at = till
  end
  call('ZADD', KEYS[1] .. 'due', 'LT', at, workspace .. '/' .. queue)
end

local function make_ready(queue, id, priority, due)
  call('ZADD', ready(queue), priority * BAND + math.min(due, BAND - 1), id)
end

-- Into ready (true) or delayed (false).
local function place(queue, id, priority, due)
  if due <= now then
    make_ready(queue, id, priority, due)
    return true
  end
  call('ZADD', delayed(queue), due, id)
  return false
end

-- Places a job that became a head and sees that somebody looks.
local function place_and_lower(queue, job, permits, in_use)
  if not place(queue, job.id, job.priority, job.due) then
    lower(queue, job.due)
  elseif (in_use or call('ZCARD', leased(queue))) < math.max(permits, 1) then
    lower(queue, now)
  end
end

-- The record's open job, if there is one, takes no more and is due at once.
local function close_open(record)
  local job = record.open ~= NONE and read_job(record.open)
  record.open = NONE
  if job then
    job.due = math.min(job.due, now)
    write_job(job)
    if call('ZREM', delayed(record.queue), job.id) == 1 then
      make_ready(record.queue, job.id, job.priority, job.due)
      lower(record.queue, now)
    end
  end
end

-- Queues a new job; gives the end of the lease, if it is leased at once to `incarnation`.
local function enqueue(new, receipt, incarnation)
  local queue, permits, lease_ms = new.queue, new.permits, new.lease_ms
  local chain, record, coalesces
  new.sequence = 0
  if new.lead ~= NONE then
    coalesces = new.flags == COALESCES
    chain = chain_of(new.lead)
    touch(chain)
    record = find(chain, queue)
    if record and new.resets then
      record.flags = 0
    end
    if record and record.flags == HANDED_OVER and new.fallback ~= '' then
      queue, permits, lease_ms = new.fallback, new.fallback_permits, new.fallback_lease_ms
      record = find(chain, queue)
    end
    record = record or find_or_add(chain, queue)
    local open = coalesces and record.open ~= NONE and read_job(record.open)
    if open then
      open.absorbed = open.absorbed + 1
      if new.inquiry ~= NONE and #open.ids < 1600 then
        open.ids = open.ids .. new.inquiry
      end
      write_job(open)
      return nil
    end
    close_open(record)
    record.sequence = record.sequence + 1
    new.sequence = record.sequence
    remember(chain, record, new.id)
  end
  new.queue, new.receipt = queue, receipt
  if record and record.head ~= NONE then
    record.successors = record.successors .. new.id
    if coalesces then
      record.open = new.id
    end
    write_job(new)
    return nil
  end
  if record then
    record.head = new.id
  end
  write_job(new)
  local in_use = call('ZCARD', leased(queue))
  if incarnation ~= '' and lease_ms > 0 and new.due <= now and in_use < permits and not paused(queue)
    and call('ZCARD', ready(queue)) == 0 then
    local till = now + lease_ms
    call('ZADD', leased(queue), till, new.id .. incarnation)
    lower(queue, till)
    return till
  end
  if coalesces then
    record.open = new.id
  end
  place_and_lower(queue, new, permits, in_use)
  return nil
end

-- A new job, from four arguments: name, value up to the receipt, length of an empty state + body,
-- numbers and the fallback's queue.
local function new_job(args, at)
  local job, _, resets, length = { id = sub(args[at], -16), ids = '', state = '' }, nil, nil, nil
  job.sequence, job.absorbed, job.flags, job.priority, job.due, job.lead, length =
    take_apart('>I8I4BBI8c16B', args[at + 1])
  job.queue, job.body = sub(args[at + 1], 40, 39 + length), sub(args[at + 2], 5)
  job.permits, job.lease_ms, _, _, _, job.fallback_permits, job.fallback_lease_ms, resets,
    job.inquiry, length = take_apart('>I4I4I8I8BI4I4Bc16', args[at + 3])
  job.resets, job.fallback = resets == 1, sub(args[at + 3], length)
  return job
end
