-- The script that wrk runs. Each call of a task passes the handle from the task's previous call, on any free connection. A
-- thread keeps handles for its next calls, and starts a new task if it has no handle.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local META = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
  .. '"io.modelcontextprotocol/clientInfo":{"name":"waxseal-bench","version":"1.0.0"},'
  .. '"io.modelcontextprotocol/clientCapabilities":{}}'

-- When a task has this many findings, the next call completes the task.
local MOST = 3

function init()
  due = {}
  right, failed, first_failure = 0, 0, ""
end

local function call(name, arguments)
  local headers = {
    ["Content-Type"] = "application/json",
    ["Accept"] = "application/json, text/event-stream",
    ["MCP-Protocol-Version"] = "2026-07-28",
    ["Mcp-Method"] = "tools/call",
    ["Mcp-Name"] = name,
  }
  local body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"' .. name .. '","arguments":{' .. arguments .. "}," .. META .. "}}"
  return wrk.format("POST", nil, headers, body)
end

function request()
  local task = table.remove(due)
  if task == nil then
    return call("start_research_task", '"topic":"what several cores do","depth":2')
  end
  local name = task.size < MOST and "record_findings" or "complete_research_task"
  return call(name, '"handle":"' .. task.handle .. '","findings":["finding ' .. (task.size + 1) .. '"]')
end

function response(status, headers, body)
  local handle = body:match('"handle":"([^"]+)"')
  if status ~= 200 or handle == nil or body:find('"isError":true', 1, true) then
    failed = failed + 1
    if first_failure == "" then
      first_failure = status .. " " .. body:sub(1, 200):gsub("%c", " ")
    end
    return
  end
  right = right + 1
  local size = tonumber(body:match('"result_count":(%d+)') or "0")
  -- If the task is still running, another call continues it.
  if body:find('"status":"running"', 1, true) then
    table.insert(due, { handle = handle, size = size })
  end
end

function done(summary, latency)
  local total_right, total_failed, example = 0, 0, ""
  for _, thread in ipairs(threads) do
    total_right = total_right + thread:get("right")
    total_failed = total_failed + thread:get("failed")
    if example == "" then
      example = thread:get("first_failure")
    end
  end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'RESULT {"right":%d,"failed":%d,"broken":%d,"seconds":%.3f,"p50":%.3f,"p99":%.3f}\n',
    total_right, total_failed, broken, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
  io.write("EXAMPLE " .. example .. "\n")
end
