/** Speaks OpenAI's Responses API. */
import { sendEvents, sendJson, textOf } from './wire.mjs';

export function matches(path) {
  return path.endsWith('/responses');
}

export function read({ tools = [], input = [], stream = false, text, model }) {
  const items = typeof input === 'string' ? [] : input;
  return {
    tools: tools.flatMap((tool) => functionsOf(tool)),
    results: items.filter(({ type }) => type === 'function_call_output').map(({ output }) => textOf(output)),
    wantsJson: text?.format?.type?.startsWith('json') === true,
    stream,
    model,
  };
}

/** Returns the functions in a tool. Codex puts the tools of each server into a namespace. */
function functionsOf({ type, name, tools = [], parameters, strict }, namespace) {
  if (type === 'namespace') return tools.flatMap((tool) => functionsOf(tool, name));
  return type === 'function' ? [{ name, schema: parameters, strict, ...(namespace !== undefined && { namespace }) }] : [];
}

export function answer(response, { say, call }, { stream, model, results }) {
  const item = call ? callItem(call) : { type: 'message', id: 'msg_1', role: 'assistant', content: [textPart(say)], status: 'completed' };
  const full = {
    id: `resp_${results.length}`,
    object: 'response',
    created_at: 0,
    status: 'completed',
    model,
    output: [item],
    parallel_tool_calls: false,
    tool_choice: 'auto',
    tools: [],
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    usage: {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 2,
    },
  };
  if (!stream) {
    sendJson(response, full);
    return;
  }
  const begun = { ...full, status: 'in_progress', output: [], usage: null };
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...(call ? callEvents(item) : messageEvents(item, say)),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: full },
  ];
  sendEvents(
    response,
    events.map((event, sequence_number) => [event.type, { ...event, sequence_number }]),
  );
}

function callItem({ id, name, namespace, input }) {
  return {
    type: 'function_call',
    id: `fc_${id}`,
    call_id: id,
    name,
    ...(namespace !== undefined && { namespace }),
    arguments: JSON.stringify(input),
    status: 'completed',
  };
}

function callEvents(item) {
  const place = { item_id: item.id, output_index: 0 };
  return [
    { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '', status: 'in_progress' } },
    { type: 'response.function_call_arguments.delta', ...place, delta: item.arguments },
    { type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: item.arguments },
  ];
}

function messageEvents(item, say) {
  const place = { item_id: item.id, output_index: 0, content_index: 0 };
  return [
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [], status: 'in_progress' } },
    { type: 'response.content_part.added', ...place, part: textPart('') },
    { type: 'response.output_text.delta', ...place, delta: say, logprobs: [] },
    { type: 'response.output_text.done', ...place, text: say, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: textPart(say) },
  ];
}

function textPart(text) {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
