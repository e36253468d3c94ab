-- Says that a process lives. KEYS[1] = shard 0's tag; arguments: incarnation, now, silent since,
-- forgotten since. Gives the incarnations not heard of.
local live = KEYS[1] .. 'live'
redis.call('ZADD', live, ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', live, '-inf', '(' .. ARGV[4])
return redis.call('ZRANGEBYSCORE', live, '-inf', ARGV[3])
