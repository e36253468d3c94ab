-- Puts a dead job back at work, or gives it up. Arguments: workspace, now, job, `replay` or `drop`,
-- the state after it, and how long what is left of a dropped one stays. Gives 0 if it is not dead.
register('redrive', { 'allow-oom' }, function()
  begin_leases()
  local id = ARGV[3]
  local job = call('ZSCORE', prefix .. 'zd', id) and read_job(id)
  if not job then
    return 0
  end
  local chain = job.lead ~= NONE and ARGV[4] == 'replay' and chain_of(job.lead)
  call('ZREM', prefix .. 'zd', id)
  call('ZREM', prefix .. 'zm' .. job.queue, id)
  call('ZREM', prefix .. 'zs' .. job.queue, id)
  job.state = ARGV[5]
  job.flags = bit.band(job.flags, 3)
  if ARGV[4] == 'drop' then
    job.flags, job.body = bit.bor(job.flags, 2), ''
    write_job(job, tonumber(ARGV[6]))
  else
    job.due, job.priority = math.max(now, 0), 9
    write_job(job)
    local record = chain and find_or_add(chain, job.queue)
    if record then
      touch(chain)
    end
    if record and record.head ~= NONE then
      local at = 1
      while at <= #record.successors do
        local other = read_job(sub(record.successors, at, at + 15))
        if other and other.sequence > job.sequence then
          break
        end
        at = at + 16
      end
      record.successors = sub(record.successors, 1, at - 1) .. id .. sub(record.successors, at)
    else
      if record then
        record.head = id
      end
      make_ready(job.queue, id, job.priority, job.due)
    end
  end
  watch(job.queue, nil)
  put_chains()
  flush()
  return 1
end)
