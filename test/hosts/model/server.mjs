/**
 * A scripted model on loopback, with four model APIs. Each answer depends only on the prompt of the request. The
 * prompts are recorded for the measurements.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import * as anthropic from './anthropic.mjs';
import * as gemini from './gemini.mjs';
import * as openaiChat from './openai-chat.mjs';
import * as openaiResponses from './openai-responses.mjs';
import { nextMove } from './script.mjs';

/**
 * The model APIs. Each module has these functions:
 *
 * - `matches(path)` tells whether a request is for this API
 * - `read(body, path)` returns the prompt
 * - `answer(response, move, prompt)` sends the model's answer
 */
const SHAPES = [openaiResponses, openaiChat, anthropic, gemini];

/**
 * Starts the model on a free port.
 *
 * @returns `stop()`, and `session(script)`, which opens a conversation with its own `url`
 */
export async function startModel() {
  const sessions = new Map();
  const server = createServer((request, response) => {
    reply(sessions, request, response).catch((error) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ error: { message: String(error?.message ?? error) } }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const session = (script) => {
    const name = `s${sessions.size + 1}`;
    const seen = { url: `http://127.0.0.1:${port}/${name}`, script, requests: 0, results: [], calls: [], complaints: [] };
    sessions.set(name, seen);
    return seen;
  };
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { session, stop };
}

async function reply(sessions, request, response) {
  const [, name, path] = /^\/(\w+)(\/[^?]*)/.exec(request.url) ?? [];
  const session = sessions.get(name);
  const shape = path && SHAPES.find(({ matches }) => matches(path));
  if (session === undefined || !shape || request.method !== 'POST') {
    // Hosts also request the list of models, but work without it.
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"not served here"}}');
    return;
  }
  const prompt = shape.read(await jsonOf(request), path);
  session.requests += 1;
  const wrong = wrongSchema(prompt.tools);
  if (wrong !== undefined) {
    session.complaints.push(wrong);
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: wrong, type: 'invalid_request_error', code: 'invalid_function_parameters' } }));
    return;
  }
  shape.answer(response, moveOf(session, prompt), prompt);
}

async function jsonOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
}

/** Returns `{ call: { id, name, namespace, input } }` or `{ say }`. The `name` is the host's name for the tool. */
function moveOf(session, prompt) {
  const { tools, results } = prompt;
  // A request without the server's tools is not part of the conversation. With such requests, hosts ask the model for
  // a title, or who speaks next.
  if (!tools.some(({ name }) => isNamed(name, 'start_research_task')))
    return { say: prompt.wantsJson ? '{"next_speaker":"user"}' : 'Research' };
  const move = nextMove(session.script, results);
  session.results = results;
  if (move.call === undefined) {
    session.ending = move.hidden ?? 'done';
    return { say: move.hidden === undefined ? 'The research task is complete.' : `I cannot go on: ${move.hidden}` };
  }
  const { tool, input } = move.call;
  const found = tools.find(({ name }) => isNamed(name, tool));
  if (found === undefined) {
    session.ending = `the host does not offer ${tool}; it offers: ${tools.map(({ name }) => name).join(', ')}`;
    return { say: session.ending };
  }
  session.calls[results.length] = move.call;
  return { call: { ...found, input, id: `call_${results.length + 1}` } };
}

/** Tells whether a host's name for a tool means this tool. Hosts add a prefix to the names of a server's tools. */
function isNamed(name, tool) {
  return name === tool || (name.endsWith(tool) && /\W|_/.test(name.at(-tool.length - 1)));
}

/**
 * Returns OpenAI's error for a strict tool whose schema is not strict, or undefined. In a strict schema, each object
 * requires all of its properties and allows no others.
 */
function wrongSchema(tools) {
  for (const { name, strict, schema } of tools) {
    const place = strict === true ? looseObject(schema, name) : undefined;
    if (place !== undefined)
      return `Invalid schema for function '${name}': in ${place}, 'additionalProperties' must be false and every property required.`;
  }
  return undefined;
}

function looseObject(schema, place) {
  if (typeof schema !== 'object' || schema === null) return undefined;
  if (schema.type === 'object' || schema.properties !== undefined) {
    const names = Object.keys(schema.properties ?? {});
    const required = new Set(schema.required ?? []);
    if (schema.additionalProperties !== false || names.some((name) => !required.has(name))) return place;
  }
  for (const [name, value] of Object.entries(schema)) {
    const loose = looseObject(value, `${place}.${name}`);
    if (loose !== undefined) return loose;
  }
  return undefined;
}
