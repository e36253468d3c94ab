-- Values of one workspace: each read at most once, all written together at the end.
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

-- The value of a key, `false` if there is none.
local function get(key)
  local found = value[key]
  if found == nil then
    found = call('GET', prefix .. key)
    value[key] = found
  end
  return found
end

-- Reads the values of many keys at once.
local function fetch(keys)
  for first = 1, #keys, 1000 do
    local last = math.min(first + 999, #keys)
    local names = {}
    for i = first, last do
      names[i - first + 1] = prefix .. keys[i]
    end
    local found = call('MGET', unpack(names))
    for i = first, last do
      value[keys[i]] = found[i - first + 1]
    end
  end
end

-- Puts a value (`false` removes it); `life` = ms until it may be reclaimed, nil = for good.
local function put(key, new, life)
  if lives[key] == nil then
    changed[#changed + 1] = key
  end
  value[key] = new
  lives[key] = life or false
end

-- Writes what was put.
local function flush()
  local set, n = {}, 0
  for i = 1, #changed do
    local key = changed[i]
    local new, life = value[key], lives[key]
    if not new then
      call('DEL', prefix .. key)
    elseif life then
      call('SET', prefix .. key, new, 'PX', life)
    else
      set[n + 1], set[n + 2] = prefix .. key, new
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
end
