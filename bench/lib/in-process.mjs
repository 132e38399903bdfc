/** Calls tools within this process through a fetch handler, without a socket, as an edge runtime does. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { identity } from '../../dist/cli/io/server.js';
import { toolset } from '../../dist/kit/index.js';
import { researchTools } from '../../dist/research/index.js';
import { createFetchHandler, toolServer } from '../../dist/server/index.js';
import { bodyOf, checked, headersOf, STEPS } from './research-mix.mjs';

/**
 * Calls a tool in a new turn of the event loop, as a socket does.
 *
 * @param call the tool's `name` and `input`
 * @returns the HTTP status and the body of the response
 */
export async function callThrough(handler, call, handle) {
  // The target of a new WeakRef stays in memory until the turn ends. Many calls in one turn would fill the heap.
  await nextTurn();
  const request = new Request('http://localhost/mcp', {
    method: 'POST',
    headers: { ...headersOf(call), host: 'localhost' },
    body: bodyOf(call, handle),
  });
  const response = await handler.fetch(request);
  return { status: response.status, body: await response.text() };
}

/** Runs a whole task, and checks each response. @returns the number of calls */
export async function wholeTask(handler, steps = STEPS) {
  let handle;
  for (const step of steps) {
    const { status, body } = await callThrough(handler, step, handle);
    handle = checked(step, status, body, handle);
  }
  return steps.length;
}

/** A fetch handler with the research tools. @param environment its ring and its clock */
export function researchHandler(environment) {
  return createFetchHandler({ server: toolServer(toolset(researchTools), identity), environment, allowAnonymous: true });
}
