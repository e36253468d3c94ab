-- What a commit needs when it is not a lead's first: the general way of a job.
return {
  -- What a name holds now.
  seed = function(name, new)
    value[sub(name, #prefix + 1)] = new
  end,
  -- Stops the step if the job's chain cannot be read.
  check = function(at)
    local lead = new_job(args, at).lead
    if lead ~= NONE then
      chain_of(lead)
      chains[lead] = nil
    end
  end,
  enqueue = function(at, receipt)
    local job = new_job(args, at)
    local till = enqueue(job, receipt, ARGV[3])
    return till, job.sequence, job.queue
  end,
  finish = function()
    put_chains()
    flush()
  end,
}
