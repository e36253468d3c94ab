-- Plain commits of one workspace, several in one call: store/step/mod.rs, "commit". They are done one after
-- another, as if each came alone: on values that are all read at first, writing at the very end. No name is read
-- or written by two of them (whoever sends them sees to that), so what was read at first holds to the end. What
-- cannot be read stops the call before anything is written. Plain is what puts values for good; jobs that begin
-- their leads' chains are written as they came, others go the general way (jobs.lua). A commit whose first branch
-- cannot be filled is answered 5, untouched: only that one comes along.
-- KEYS and ARGV as in commit.lua.
local ABSENT = '\0\0\0\0\0\0\0\0'
local incarnation, found -- the name KEYS[i + 1] has the value found[i]
local puts_done, claims, texts, answers, queued

-- Numbers that come again and again: formatting one costs as much as a command's overhead.
local function text(number)
  local known = texts[number] or format('%d', number)
  texts[number] = known
  return known
end

local function add(index, score, member)
  local members = adds[index]
  if not members then
    members = {}
    adds[index] = members
  end
  local n = #members
  members[n + 1], members[n + 2] = text(score), member
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

-- The values of the read set, then id and value of each lead behind its key sets.
local function stale(first, n)
  local answer, names, identity = { 3 }, {}, prefix .. 'k'
  for i = 1, n do
    local held = found[first + i - 1]
    answer[i + 1] = held
    if held and sub(KEYS[first + i], 1, #identity) == identity then
      add_leads(names, held)
    end
  end
  return tell_leads(answer, names)
end

-- Whether what was read is still so. Without versions: must not be there.
local function holds(first, n, versions)
  for i = 1, n do
    local held = found[first + i - 1]
    if held and not versions then
      return false
    end
    if versions and (held and sub(held, 1, 8) or ABSENT) ~= sub(versions, 8 * i - 7, 8 * i) then
      return false
    end
  end
  return true
end

-- A commit's jobs take their places; those leased at once come into its answer.
local function take_places(jobs)
  local first, count, begins, receipt, number
  first, count, begins, receipt, now, number = unpack(jobs)
  local leased, n = { 0, receipt }, 2
  if not begins then
    write_indexes() -- these go by what is there
  end
  for i = 1, count do
    local at, till, sequence, queue = first + 4 * i - 4, nil, nil, nil
    if begins then
      local permits, lease_ms, due, score
      permits, lease_ms, due, score, sequence = take_apart('>I4I4I8I8B', ARGV[at + 3])
      queue = sub(ARGV[at + 1], 40, -2)
      till = stand(sub(ARGV[at], -16), queue, permits, lease_ms, due, score)
    else
      local job = new_job(ARGV, at)
      till = enqueue(job, receipt, incarnation)
      sequence, queue = job.sequence, job.queue
    end
    if till then
      leased[n + 1], leased[n + 2], leased[n + 3], leased[n + 4] = i - 1, till, sequence, queue
      n = n + 4
    end
  end
  if n > 2 then
    answers[number] = leased
  end
end

-- One commit, but for where its jobs stand; gives its answer (without leases the receipt says it all) and where
-- the next one begins.
local function commit(number, at)
  local header = ARGV[at]
  local read_base, write_base, spec_base, count, flags, life, own, reads, puts, put_args, more, branches, given, pos
  read_base, write_base, spec_base, count, now, flags, life, own, reads, puts, put_args, more, branches, given, pos =
    take_apart('>I2I2I2I2I8BI8I2I2I2I2I2I2I2', header)
  local following, first = at + 1 + count, read_base
  at = at + 1

  -- 1. and 2. the claim, the read set
  local entry, versions
  if flags % 2 == 1 then
    entry, at, first = ARGV[at], at + 1, read_base + 1
    local held = found[read_base]
    if held and #held ~= 32 then
      corrupt('a claim that cannot be read')
    end
    if held and take_apart('>I8', held, 25) > now then
      return { sub(held, 1, 8) == sub(entry, 1, 8) and 1 or 2, sub(held, 9, 24) }, following
    end
  end
  if flags % 4 >= 2 then
    versions, at = ARGV[at], at + 1
  end
  if not holds(first, reads, versions) then
    return stale(first, reads), following
  end

  -- 3. the branch
  local branch_at, receipt = at + put_args + 3 * more, '0||0|0|'
  local chains, jobs, own_changes, begins = 0, 0, 0, flags % 16 < 8
  if given > 0 then
    local spec, member, turn, tied, capped
    spec, chains, jobs, own_changes = take_apart('>I2I2I2I2', header, pos)
    pos = pos + 10
    if spec > 0 then
      member, turn, tied, capped = pick(specs[spec_base + spec] or spec_of(spec_base + spec), '')
      if not member and given < branches then
        return { 5 }, following
      end
      receipt = '0|' .. (member or '') .. '|' .. format('%d', turn) .. '|' .. text(tied) .. '|' .. capped
    end
  end
  local packed = pack('>I2', #receipt) .. receipt

  -- 4. to 7.
  local n = puts_done
  for _ = 1, puts do
    local a, b, c, d, kind = byte(header, pos, pos + 4)
    local name, names = 256 * a + b, 256 * c + d
    name = name + (name <= own and read_base or write_base)
    local new = ARGV[at]
    if kind == 1 then -- the receipt between version and body
      new = sub(header, pos + 5, pos + 12) .. packed .. new
    end
    for i = name, name + names - 1 do
      set[n + 1], set[n + 2] = KEYS[i], new
      n = n + 2
    end
    pos, at = pos + 13, at + 1
  end
  local first_job = branch_at + 2 * chains
  for i = branch_at, first_job - 1, 2 do
    begins = begins and not found[read_base + ARGV[i] - 1]
  end
  if not begins then
    for i = branch_at, first_job - 1, 2 do
      local name = KEYS[read_base + ARGV[i]]
      value[name] = found[read_base + ARGV[i] - 1]
      chain_of(sub(name, -16))
    end
  else
    for i = branch_at, first_job - 1, 2 do
      set[n + 1], set[n + 2] = KEYS[read_base + ARGV[i]], ARGV[i + 1]
      n = n + 2
    end
    for job = first_job, first_job + 4 * jobs - 1, 4 do
      set[n + 1], set[n + 2] = ARGV[job], ARGV[job + 1] .. packed .. ARGV[job + 2]
      n = n + 2
    end
  end
  puts_done = n
  change(at, more)
  change(first_job + 4 * jobs, own_changes)
  if jobs > 0 then
    queued[#queued + 1] = { first_job, jobs, begins, receipt, now, number }
  end
  if flags % 8 >= 4 then
    note_row(receipt, ARGV[following - 1])
  end
  if entry then
    local last = #claims
    claims[last + 1], claims[last + 2], claims[last + 3] = KEYS[read_base + 1], entry, text(life)
  end
  return receipt, following
end

register('together', {}, function()
  begin_commits()
  puts_done, claims, texts, answers, queued = 0, {}, {}, {}, {}
  local names_read, pools, commits = take_apart('>I2I2I2', ARGV[4])
  incarnation, found = ARGV[3], call('MGET', unpack(KEYS, 2, names_read + 1))
  local at = 5 + pools
  for i = 1, commits do
    answers[i], at = commit(i, at)
  end
  for i = 1, #queued do
    take_places(queued[i])
  end
  put_states()
  put_chains()
  flush()
  for i = 1, #claims, 3 do
    call('SET', claims[i], claims[i + 1], 'PX', claims[i + 2])
  end
  count_up()
  write_indexes()
  write_rows()
  return answers
end)
