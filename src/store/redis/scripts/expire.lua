-- Removes what has served. Arguments: workspace, now, at most how many. Gives how many.
register('expire', { 'allow-oom' }, function()
  local served = call('ZRANGEBYSCORE', prefix .. 'zy', '-inf', now, 'LIMIT', 0, ARGV[3])
  for i = 1, #served do
    local member = served[i]
    call('ZREM', prefix .. 'zy', member)
    if #member >= 17 then
      local letter, inquiry = sub(member, 1, 1), sub(member, 2, 17)
      put(prefix .. 'b' .. inquiry, false)
      if letter == 'u' or letter == 'b' or letter == 'f' or letter == 'e' then
        call('ZREM', prefix .. 'z' .. letter, inquiry)
      end
      if letter == 'e' or letter == 'f' then
        put(prefix .. 'i' .. inquiry, false)
      end
      if #member >= 33 then
        local lead = sub(member, 18, 33)
        put(prefix .. 'l' .. lead, false)
        put(prefix .. 'd' .. lead, false)
      end
    end
  end
  flush()
  return #served
end)
