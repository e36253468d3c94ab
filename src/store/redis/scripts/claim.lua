-- Leases jobs of one queue. Arguments: workspace, now, queue, incarnation, permits, lease_ms, how
-- many, pace (3), lapsed incarnations. Gives when the queue next needs looking at (-1 = when something is
-- added), then id and value of each job.
register('claim', { 'allow-oom' }, function()
  begin_leases()
  local queue, permits = ARGV[3], tonumber(ARGV[5])

  local gone, last = {}, now
  read_pace(8)
  for i = 11, #ARGV do
    gone[ARGV[i]] = true
    last = '+inf'
  end
  local held = call('ZRANGEBYSCORE', leased(queue), '-inf', last, 'WITHSCORES')
  local freed = {}
  for i = 1, #held, 2 do
    if tonumber(held[i + 1]) <= now or gone[sub(held[i], 17)] then
      freed[#freed + 1] = held[i]
    end
  end
  call_many('ZREM', leased(queue), freed)
  make_all_ready(queue, freed)

  local ripe = call('ZRANGEBYSCORE', delayed(queue), '-inf', now, 'LIMIT', 0, 256)
  call_many('ZREM', delayed(queue), ripe)
  make_all_ready(queue, ripe)

  local answer = { -1 }
  take(queue, ARGV[4], permits, tonumber(ARGV[6]), tonumber(ARGV[7]), answer)
  answer[1] = watch(queue, permits)
  put_chains()
  flush()
  return answer
end)
