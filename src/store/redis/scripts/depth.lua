-- What a queue looks like. Arguments: workspace, now, queue. Gives ready, delayed, leased, the
-- oldest due time (-1 = none), the pause's text (absent = not paused).
register('depth', { 'no-writes' }, function()
  begin_jobs()
  local queue = ARGV[3]
  local oldest = tonumber(call('ZRANGE', delayed(queue), 0, 0, 'WITHSCORES')[2]) or huge
  for priority = 0, 9 do
    local first, last = priority * BAND, (priority + 1) * BAND - 1
    local found = call('ZRANGEBYSCORE', ready(queue), first, last, 'WITHSCORES', 'LIMIT', 0, 1)
    oldest = math.min(oldest, found[2] and tonumber(found[2]) - first or huge)
  end
  return {
    call('ZCARD', ready(queue)), call('ZCARD', delayed(queue)), call('ZCARD', leased(queue)),
    oldest < huge and oldest or -1,
    paused(queue) and get(prefix .. 's' .. queue),
  }
end)
