-- Ends or postpones a leased job, may lease further ones. Arguments: workspace, now, queue,
-- incarnation, job, outcome, its number (due or life; when dead, the
-- list of its kind), state, pause ('' or text), its end ('-' =
-- none), permits, lease_ms, how many, pace (3), then after a hand-over the new job. Gives 0 if the lease is
-- lost, else what a claim gives.
register('settle', { 'allow-oom' }, function()
  begin_leases()
  local queue, id, outcome, number = ARGV[3], ARGV[5], ARGV[6], tonumber(ARGV[7])
  local permits = tonumber(ARGV[11])
  local member = id .. ARGV[4]

  if not call('ZSCORE', leased(queue), member) then
    return 0
  end
  local job = read_job(id)
  if not job then
    return 0
  end
  local chain = job.lead ~= NONE and outcome ~= 'again' and chain_of(job.lead)
  call('ZREM', leased(queue), member)

  -- The head is done: the first successor that has a value takes its place.
  local function advance()
    local record = chain and find(chain, queue)
    if not record then
      return
    end
    touch(chain)
    record.head = NONE
    while record.successors ~= '' do
      local following = read_job(sub(record.successors, 1, 16))
      record.successors = sub(record.successors, 17)
      if following then
        record.head = following.id
        place(following.queue, following.id, following.priority, following.due)
        return
      end
    end
  end

  -- A job that waited behind the handed-over one goes behind the lead's jobs of another queue.
  local function append(waiting, route)
    local record = find_or_add(chain, route.queue)
    close_open(record)
    local moved = read_job(waiting)
    if not moved then
      return
    end
    record.sequence = record.sequence + 1
    moved.sequence, moved.queue = record.sequence, route.queue
    local jobs = {}
    for at = 1, #chain.jobs, 17 do
      local of = sub(chain.jobs, at + 1, at + 16)
      jobs[#jobs + 1] = (of == waiting and char(record.number - 1) or sub(chain.jobs, at, at)) .. of
    end
    chain.jobs = concat(jobs)
    write_job(moved)
    if record.head ~= NONE then
      record.successors = record.successors .. waiting
    else
      record.head = waiting
      place_and_lower(route.queue, moved, route.permits)
    end
  end

  local function hand_over()
    local waiting = ''
    if chain then
      local record = find_or_add(chain, queue)
      touch(chain)
      waiting = record.successors
      record.head, record.open, record.successors, record.flags = NONE, NONE, '', HANDED_OVER
    end
    local following = new_job(ARGV, 17)
    local route = { queue = following.queue, permits = following.permits }
    following.fallback = ''
    enqueue(following, job.receipt, '')
    for at = 1, #waiting, 16 do
      append(sub(waiting, at, at + 15), route)
    end
  end

  if outcome == 'released' then
    make_ready(job.queue, id, job.priority, job.due)
  else
    job.state = ARGV[8]
  end
  if outcome == 'again' then
    job.due, job.priority = number, 9
    write_job(job)
    place(job.queue, id, job.priority, job.due)
  elseif outcome == 'dead' then
    job.flags = bit.bor(job.flags, 4)
    write_job(job)
    call('ZADD', prefix .. 'zd', now, id)
    call('ZADD', prefix .. ARGV[7], now, id)
    advance()
  elseif outcome == 'done' or outcome == 'handed_over' then
    job.flags, job.body = bit.bor(job.flags, 2), ''
    write_job(job, number)
    if outcome == 'done' then
      advance()
    else
      hand_over()
    end
  end

  if ARGV[9] ~= '' then
    local held = paused(queue)
    if not held or (held < huge and (ARGV[10] == '-' or held < tonumber(ARGV[10]))) then
      put(prefix .. 's' .. queue, ARGV[9])
    end
  end

  read_pace(14)
  local answer = { -1 }
  take(queue, ARGV[4], permits, tonumber(ARGV[12]), tonumber(ARGV[13]), answer)
  answer[1] = watch(queue, permits)
  put_chains()
  flush()
  return answer
end)
