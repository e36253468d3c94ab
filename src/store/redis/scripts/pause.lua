-- Pauses or resumes a queue. Arguments: workspace, now, queue, the pause's text ('' = resume).
register('pause', { 'allow-oom' }, function()
  begin_leases()
  put(prefix .. 's' .. ARGV[3], ARGV[4] ~= '' and ARGV[4])
  watch(ARGV[3], nil)
  flush()
  return 1
end)
