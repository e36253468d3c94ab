-- One commit of any kind: store/step/mod.rs, "commit". What cannot be read stops it before anything is written.
-- KEYS = shard's tag, names read, names only written. ARGV = workspace, now, incarnation ('' = no
-- leases), numbers, pools to pick from, then the commit (together.lua: per commit): its numbers, claim's entry,
-- versions of its read set (if any is not 0), puts, indexes (name, member, score), branches (per branch: chains as
-- number and value, jobs, indexes), journal row. `at` = the next argument.
register('commit', {}, function()
  begin_commits()
  local ABSENT = '\0\0\0\0\0\0\0\0'
  local names_read, pools = take_apart('>I2I2', ARGV[4])
  local names = {}
  for i = 2, names_read + 1 do
    names[i - 1] = KEYS[i]
  end
  fetch(names)

  local at = 6 + pools
  local header = ARGV[at - 1]
  local count, flags, life, reads, puts, put_args, more, branches, given, _, pos
  _, _, _, count, now, flags, life, _, reads, puts, put_args, more, branches, given, pos =
    take_apart('>I2I2I2I2I8BI8I2I2I2I2I2I2I2', header)
  local row = ARGV[at + count - 1]

  -- 1. the claim
  local claim, entry
  if flags % 2 == 1 then
    claim, entry, at = KEYS[2], ARGV[at], at + 1
    local held = value[claim]
    if held and #held ~= 32 then
      corrupt('a claim that cannot be read')
    end
    if held and take_apart('>I8', held, 25) > now then
      return { { sub(held, 1, 8) == sub(entry, 1, 8) and 1 or 2, sub(held, 9, 24) } }
    end
  end
  local first = claim and 2 or 1

  -- 2. the read set
  local versions
  if flags % 4 >= 2 then
    versions, at = ARGV[at], at + 1
  end
  local stale = false
  for i = 1, reads do
    local held = value[KEYS[first + i]]
    local version = versions and sub(versions, 8 * i - 7, 8 * i) or ABSENT
    stale = stale or (held and sub(held, 1, 8) or ABSENT) ~= version
  end
  if stale then
    -- The values of the read set, then id and value of each lead behind its key sets.
    local answer, leads, identity = { 3 }, {}, prefix .. 'k'
    for i = 1, reads do
      local name = KEYS[first + i]
      answer[i + 1] = value[name]
      if value[name] and sub(name, 1, #identity) == identity then
        add_leads(leads, value[name])
      end
    end
    return { tell_leads(answer, leads) }
  end

  -- 3. the branch
  local branch_at, number, taken = at + put_args + 3 * more, 0, branches == 0
  local chain_args, jobs, own_changes = 0, 0, 0
  local member, turn, tied, capped = nil, 0, 0, ''
  for branch = 1, given do
    local spec, arguments
    spec, chain_args, jobs, own_changes, arguments = take_apart('>I2I2I2I2I2', header, pos + 10 * branch - 10)
    number = branch - 1
    if spec > 0 then
      member, turn, tied, capped = pick(specs[spec] or spec_of(spec), capped)
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
    return { { 5 } }
  end
  local receipt = format('%d|%s|%d|%d|%s', number, member or '', turn, tied, capped)
  local answer = { 0, receipt }

  -- Gives a member of a pool so many turns back, or takes them: assign/pick.rs, on top of this commit's own pick.
  local function give_back(pool, member, back, number)
    if not states[pool] and not get(pool) then
      return
    end
    local state = states[pool] or state_of(pool)
    local seat = state.seats[member]
    if not seat then
      return
    end
    local turns = math.min(number, back and state.counts[seat] or state.returned or 0)
    turns = back and turns or -turns
    state.credits = state.credits or {}
    state.credits[seat] = (state.credits[seat] or 0) + turns
    state.counts[seat], state.returned = state.counts[seat] - turns, (state.returned or 0) + turns
    state.drawn = state.drawn or turns ~= 0
  end

  -- The puts: number of the first name and how many follow each other, kind, version or how many behind
  -- a shared key; kind + 8 = with an end of life.
  local function put_all(pos, puts, at, packed)
    for _ = 1, puts do
      local first, names, kind, number, life
      first, names, kind, number, pos = take_apart('>I2I2BI8', header, pos)
      first = first + 1
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
      elseif kind >= 5 then -- turns go back to a member of a pool (5), or are taken from it (6)
        give_back(KEYS[first], ARGV[at], kind == 5, number)
        at = at + 1
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

  -- 4. to 7. Every job goes the general way; first all chains are read.
  local first_job = branch_at + 2 * chain_args
  put_all(pos + 10 * given, puts, at, pack('>I2', #receipt) .. receipt)
  change(at + put_args, more)
  change(first_job + 4 * jobs, own_changes)
  local news = {}
  for i = 1, jobs do
    news[i] = new_job(ARGV, first_job + 4 * i - 4)
    if news[i].lead ~= NONE then
      chain_of(news[i].lead)
    end
  end
  put_states()
  write_indexes()
  for i = 1, jobs do
    local job = news[i]
    local till = enqueue(job, receipt, ARGV[3])
    if till then
      local last = #answer
      answer[last + 1], answer[last + 2], answer[last + 3], answer[last + 4] = i - 1, till, job.sequence, job.queue
    end
  end
  put_chains()
  if claim then
    put(claim, entry, format('%d', life))
  end
  flush()
  count_up()
  if flags % 8 >= 4 then
    note_row(receipt, row)
  end
  write_rows()
  return { answer }
end)
