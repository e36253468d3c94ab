-- The server's time: seconds and microseconds.
return redis.call('TIME')
