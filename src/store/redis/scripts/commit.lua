-- The one atomic step: store/step/mod.rs, "commit". Arguments: workspace, now, incarnation ('' =
-- no leases), journal row, claim ('' or its entry of 32 bytes), claim's life, number of keys, of
-- reads, their versions (8 bytes each), the keys (claim, reads, then what the plan may need),
-- then writes, indexes, branches, each with its number before it.
local incarnation, row, entry = ARGV[3], ARGV[4], ARGV[5]
local keys, writes_at = {}, tonumber(ARGV[7]) + 10
for i = 10, writes_at - 1 do
  keys[i - 9] = ARGV[i]
end
fetch(keys)

-- 1. the claim
local first_read = 0
if entry ~= '' then
  first_read = 1
  local held = value[keys[1]]
  if held and #held ~= 32 then
    corrupt('a claim that cannot be read')
  end
  if held and take_apart('>I8', held, 25) > now then
    return { sub(held, 1, 8) == sub(entry, 1, 8) and 1 or 2, sub(held, 9, 24) }
  end
end

-- 2. the read set
local reads, versions = tonumber(ARGV[8]), ARGV[9]
for i = 1, reads do
  local held = value[keys[first_read + i]]
  if (held and sub(held, 1, 8) or '\0\0\0\0\0\0\0\0') ~= sub(versions, 8 * i - 7, 8 * i) then
    local leads, answer = {}, { 3 }
    for j = 1, reads do
      local key = keys[first_read + j]
      held = value[key]
      answer[#answer + 1], answer[#answer + 2] = key, held
      if held and byte(key, 1) == 107 then -- an identity: the leads behind it
        local start = 11 + take_apart('>I2', held, 9)
        for id = start, #held - 15, 16 do
          leads[#leads + 1] = 'l' .. sub(held, id, id + 15)
        end
      end
    end
    fetch(leads)
    for j = 1, #leads do
      answer[#answer + 1], answer[#answer + 2] = leads[j], value[leads[j]]
    end
    return answer
  end
end

-- 3. the branch (before anything is written: what cannot be read stops the step here)
local indexes_at = writes_at + 1 + 5 * tonumber(ARGV[writes_at])
local plan_at = indexes_at + 1 + 3 * tonumber(ARGV[indexes_at])
local receipt, jobs_at, pool, state, caps =
  pick_branch(plan_at + 1, tonumber(ARGV[plan_at]), keys)
local jobs = {}
if jobs_at then
  for i = 1, tonumber(ARGV[jobs_at]) do
    jobs[i] = new_job(jobs_at + 4 * i - 3)
    if jobs[i].lead ~= NONE then
      chain_of(jobs[i].lead)
    end
  end
end

-- 4. writes: how, key, life, version, body
local packed = pack('>I2', #receipt) .. receipt
for i = writes_at + 1, indexes_at - 1, 5 do
  local how, key, life = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  if how == 'p' then
    put(key, ARGV[i + 3] .. '\0\0' .. ARGV[i + 4], life)
  elseif how == 'r' then
    put(key, ARGV[i + 3] .. packed .. ARGV[i + 4], life)
  elseif how == 'd' then
    put(key, false)
  else -- one more behind a shared key
    local held = get(key)
    local start = held and 11 + take_apart('>I2', held, 9)
    if held and #held == start + 4 and byte(held, start) == 33 then
      local count = math.min(take_apart('>I4', held, start + 1) + 1, 4294967295)
      put(key, sub(held, 1, 8) .. '\0\0!' .. pack('>I4', count))
    end
  end
end
local function change_indexes(first)
  for i = first + 1, first + 3 * tonumber(ARGV[first]), 3 do
    if ARGV[i + 2] == '' then
      call('ZREM', prefix .. ARGV[i], ARGV[i + 1])
    else
      call('ZADD', prefix .. ARGV[i], ARGV[i + 2], ARGV[i + 1])
    end
  end
end
change_indexes(indexes_at)
if jobs_at then
  change_indexes(jobs_at + 1 + 4 * #jobs)
end
if pool then
  put(pool, state)
  for key, _, life in string.gmatch(caps, '(%d+),(%d+),(%d+)') do
    key = keys[tonumber(key)]
    put(key, format('%.0f', tonumber(get(key) or 0) + 1), tonumber(life))
  end
end

-- 5. jobs
local answer = { 0, receipt }
for i = 1, #jobs do
  local job = jobs[i]
  local till = enqueue(job, receipt, incarnation)
  if till then
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3] = i - 1, till, job.sequence
    answer[n + 4] = job.queue
  end
end
put_chains()

-- 6. the journal: at (now, 0), or behind the last row if that is later
if row ~= '' then
  local journal = prefix .. 'J'
  local ms = math.max(now, 1)
  local added = redis.pcall('XADD', journal, format('%.0f-*', ms), 'r', receipt, 'd', row)
  if added.err then
    ms = string.match(call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1][1], '^%d+')
    call('XADD', journal, ms .. '-*', 'r', receipt, 'd', row)
  end
end

-- 7. the claim
if entry ~= '' then
  put(keys[1], entry, tonumber(ARGV[6]))
end
flush()
return answer
