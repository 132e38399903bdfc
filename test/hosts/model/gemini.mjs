/** Speaks the Gemini API: `generateContent` and `streamGenerateContent`. */
import { sendEvents, sendJson } from './wire.mjs';

export function matches(path) {
  return /:(?:stream)?[gG]enerateContent$/.test(path);
}

export function read({ tools = [], contents = [], generationConfig }, path) {
  const parts = contents.flatMap(({ parts: some = [] }) => some);
  return {
    tools: tools
      .flatMap(({ functionDeclarations = [] }) => functionDeclarations)
      .map(({ name, parametersJsonSchema, parameters }) => ({ name, schema: parametersJsonSchema ?? parameters })),
    results: parts
      .filter(({ functionResponse }) => functionResponse !== undefined)
      .map(({ functionResponse }) => JSON.stringify(functionResponse.response)),
    wantsJson: generationConfig?.responseMimeType === 'application/json',
    stream: path.endsWith(':streamGenerateContent'),
  };
}

export function answer(response, { say, call }, { stream }) {
  const part = call ? { functionCall: { id: call.id, name: call.name, args: call.input } } : { text: say };
  const body = {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
  if (stream) sendEvents(response, [[undefined, body]]);
  else sendJson(response, body);
}
