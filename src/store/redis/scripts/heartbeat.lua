-- Says that a process lives. KEYS[1] = shard 0's tag; arguments: incarnation, now, silent since,
-- forgotten since. Gives the incarnations not heard of.
register('heartbeat', { 'allow-oom' }, function()
  local live = KEYS[1] .. 'live'
  call('ZADD', live, ARGV[2], ARGV[1])
  call('ZREMRANGEBYSCORE', live, '-inf', '(' .. ARGV[4])
  return call('ZRANGEBYSCORE', live, '-inf', ARGV[3])
end)
