/** Speaks Anthropic's Messages API. */
import { sendEvents, sendJson, textOf } from './wire.mjs';

export function matches(path) {
  return path.endsWith('/messages');
}

export function read({ tools = [], messages = [], stream = false, model }) {
  const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return {
    tools: tools.map(({ name, input_schema }) => ({ name, schema: input_schema })),
    results: blocks.filter(({ type }) => type === 'tool_result').map(({ content }) => textOf(content)),
    stream,
    model,
  };
}

export function answer(response, { say, call }, { stream, model, results }) {
  const block = call ? { type: 'tool_use', id: `toolu_${call.id}`, name: call.name, input: call.input } : { type: 'text', text: say };
  const stop = { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: `msg_${results.length}`, type: 'message', role: 'assistant', model, content: [block], ...stop, usage };
  if (!stream) {
    sendJson(response, message);
    return;
  }
  const delta = call ? { type: 'input_json_delta', partial_json: JSON.stringify(call.input) } : { type: 'text_delta', text: say };
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: call ? { ...block, input: {} } : { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: stop, usage },
    { type: 'message_stop' },
  ];
  sendEvents(
    response,
    events.map((event) => [event.type, event]),
  );
}
