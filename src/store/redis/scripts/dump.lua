-- One page of everything of a workspace but its journal. Arguments: workspace, now, cursor. Gives
-- the next cursor, then per name: the name behind the prefix, and its value or members with scores.
register('dump', { 'no-writes' }, function()
  local page = call('SCAN', ARGV[3], 'MATCH', prefix .. '*', 'COUNT', 500)
  local answer = { page[1] }
  for i = 1, #page[2] do
    local name = sub(page[2][i], #prefix + 1)
    local content
    if byte(name, 1) == 122 then -- z: an index
      content = call('ZRANGE', prefix .. name, 0, -1, 'WITHSCORES')
    elseif name ~= 'J' then
      content = get(page[2][i])
    end
    if content then
      answer[#answer + 1], answer[#answer + 2] = name, content
    end
  end
  return answer
end)
