-- Sends the method and body of the environment, and prints what was measured as one line of JSON.
local body = os.getenv("BENCH_BODY_BYTES")
if body then
  wrk.method = "POST"
  wrk.body = string.rep("x", tonumber(body))
  wrk.headers["Content-Type"] = "application/octet-stream"
end

local cookies = os.getenv("BENCH_COOKIES")
if cookies then
  local list, at = {}, 0
  for line in io.lines(cookies) do list[#list + 1] = line end
  request = function()
    at = at % #list + 1
    wrk.headers["Cookie"] = list[at]
    return wrk.format()
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    "\nBENCH {\"requests\":%d,\"microseconds\":%d,\"failed\":%d,\"p50\":%d,\"p99\":%d}\n",
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
