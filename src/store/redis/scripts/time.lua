-- The server's time: seconds and microseconds.
register('time', { 'no-writes' }, function()
  return call('TIME')
end)
