/** Speaks OpenAI's Chat Completions API. */
import { sendEvents, sendJson, textOf } from './wire.mjs';

export function matches(path) {
  return path.endsWith('/chat/completions');
}

export function read({ tools = [], messages = [], stream = false, response_format, model }) {
  return {
    tools: tools
      .filter(({ type }) => type === 'function')
      .map(({ function: { name, parameters, strict } }) => ({ name, schema: parameters, strict })),
    results: messages.filter(({ role }) => role === 'tool').map(({ content }) => textOf(content)),
    wantsJson: response_format !== undefined,
    stream,
    model,
  };
}

export function answer(response, { say, call }, { stream, model, results }) {
  const common = { id: `chat_${results.length}`, created: 0, model };
  const finish = call ? 'tool_calls' : 'stop';
  const called = call && { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } };
  const message = call ? { role: 'assistant', content: null, tool_calls: [called] } : { role: 'assistant', content: say };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (!stream) {
    sendJson(response, { ...common, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage });
    return;
  }
  const delta = call ? { ...message, tool_calls: [{ index: 0, ...called }] } : message;
  const chunk = (choices, rest) => [undefined, { ...common, object: 'chat.completion.chunk', choices, ...rest }];
  sendEvents(response, [
    chunk([{ index: 0, delta, finish_reason: null }]),
    chunk([{ index: 0, delta: {}, finish_reason: finish }]),
    chunk([], { usage }),
    [undefined, '[DONE]'],
  ]);
}
