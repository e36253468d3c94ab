-- Values of one workspace, under their whole names: each read at most once, all written at the end.
-- KEYS[1] = `{sNNN}:`, the shard's tag (no such key exists); ARGV[1] = workspace, ARGV[2] = now.
local call = redis.call
local pack, take_apart = struct.pack, struct.unpack
local sub, byte, char, format = string.sub, string.byte, string.char, string.format
local concat, unpack, huge = table.concat, unpack, math.huge

local workspace, now = ARGV[1], tonumber(ARGV[2])
local prefix = KEYS[1] .. workspace .. ':'
local NONE = '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'

local value, lives, changed = {}, {}, {}

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

-- Puts a value (`false` removes it); `life` = ms until it may be reclaimed, nil = for good.
local function put(name, new, life)
  if lives[name] == nil then
    changed[#changed + 1] = name
  end
  value[name] = new
  lives[name] = life or false
end

-- Writes what was put.
local function flush()
  local set, n = {}, 0
  for i = 1, #changed do
    local name = changed[i]
    local new, life = value[name], lives[name]
    if not new then
      call('DEL', name)
    elseif life then
      call('SET', name, new, 'PX', life)
    else
      set[n + 1], set[n + 2] = name, new
      n = n + 2
      if n == 2000 then
        call('MSET', unpack(set))
        set, n = {}, 0
      end
    end
  end
  if n > 0 then
    call('MSET', unpack(set))
  end
  lives, changed = {}, {}
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
