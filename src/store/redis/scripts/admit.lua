-- Counts one in a bucket, if there is room. KEYS[1] = the shard's tag; arguments: workspace, now, bucket, microseconds that
-- each takes, how many. Gives -1, or when there is room, in microseconds.
register('admit', { 'allow-oom' }, function()
  local name = KEYS[1] .. 'rate/' .. ARGV[1] .. '/' .. ARGV[3]
  local now, each, count = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
  local in_use = math.max(now * 1000, tonumber(call('GET', name) or 0))
  local free = in_use + each - each * count
  if free > now * 1000 then
    return free
  end
  local till = in_use + each
  call('SET', name, format('%.0f', till), 'PX', math.ceil(till / 1000) - now + 60000)
  return -1
end)
