-- Values of one workspace, under their whole names: each read at most once, all written at the end.
-- The server loads the library once, so what belongs to a call is made anew when it begins.
-- KEYS[1] = `{sNNN}:`, the shard's tag (no such key exists); ARGV[1] = workspace, ARGV[2] = now.
local KEYS, ARGV, call
local pack, take_apart, sub, byte, char, format, gmatch, concat, huge
local workspace, now, prefix
local NONE = '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'

-- Values by name; names and values for one `MSET`; what is written after that: name, value, life.
local value, set, others, is_other

local function begin_call(keys, arguments)
  if not call then -- while the library is loaded none of them is to be had
    call, pack, take_apart = redis.call, struct.pack, struct.unpack
    sub, byte, char, format, gmatch = string.sub, string.byte, string.char, string.format, string.gmatch
    concat, huge = table.concat, math.huge
  end
  KEYS, ARGV = keys, arguments
  workspace, now = ARGV[1], tonumber(ARGV[2])
  prefix = KEYS[1] .. (workspace or '') .. ':'
  value, set, others, is_other = {}, {}, {}, {}
end

-- LIBRARY = the library's name, put in by script.rs: names of functions are the whole server's.
local function register(name, flags, run)
  redis.register_function({ function_name = 'LIBRARY_' .. name, flags = flags, callback = function(keys, arguments)
    begin_call(keys, arguments)
    return run()
  end })
end

local function corrupt(what)
  error({ err = 'CORRUPT ' .. what })
end

-- The value of a name, `false` if there is none.
local function get(name)
  local found = value[name]
  if found == nil then
    found = call('GET', name)
    value[name] = found
  end
  return found
end

-- Reads the values of those names that were not read yet, as many as there are at once.
local function fetch(names)
  local missing = {}
  for i = 1, #names do
    if value[names[i]] == nil then
      missing[#missing + 1] = names[i]
    end
  end
  for first = 1, #missing, 1000 do
    local last = math.min(first + 999, #missing)
    local found = call('MGET', unpack(missing, first, last))
    for i = first, last do
      value[missing[i]] = found[i - first + 1]
    end
  end
end

-- Puts a value (`false` removes it); `life` = ms until it may be reclaimed, nil = for good. Of two puts
-- under one name the later one holds.
local function put(name, new, life)
  value[name] = new
  if life or not new or is_other[name] then
    local n = #others
    others[n + 1], others[n + 2], others[n + 3] = name, new, life or false
    is_other[name] = true
  else
    local n = #set
    set[n + 1], set[n + 2] = name, new
  end
end

-- Writes what was put.
local function flush()
  for first = 1, #set, 2000 do
    call('MSET', unpack(set, first, math.min(first + 1999, #set)))
  end
  for i = 1, #others, 3 do
    local name, new, life = others[i], others[i + 1], others[i + 2]
    if not new then
      call('DEL', name)
    elseif life then
      call('SET', name, new, 'PX', life)
    else
      call('SET', name, new)
    end
  end
  set, others, is_other = {}, {}, {}
end

-- nil = not paused, a time, or `huge` = until a person resumes it.
local function paused(queue)
  local text = get(prefix .. 's' .. queue)
  if not text then
    return nil
  end
  local till = string.match(text, '|(.*)$')
  if till == '-' then
    return huge
  end
  till = tonumber(till) or corrupt('a pause that cannot be read')
  return till > now and till or nil
end
