-- What a commit needs when a job is not a lead's first: the general way of a job.
return {
  -- Stops the step if the job's chain cannot be read.
  check = function(at)
    local lead = new_job(ARGV, at).lead
    if lead ~= NONE then
      chain_of(lead)
      chains[lead] = nil
    end
  end,
  enqueue = function(at, receipt)
    local job = new_job(ARGV, at)
    local till = enqueue(job, receipt, ARGV[3])
    return till, job.sequence, job.queue
  end,
  finish = put_chains,
}
