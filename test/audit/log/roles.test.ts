import { beforeAll, describe, expect, it } from 'vitest';
import { growsInProportion } from '../../support/proportion.ts';
import { auditOf, newStartedTask, type StartedTask } from '../support.ts';

let logged: StartedTask['logged'];
let handle: string;
beforeAll(async () => {
  const task = await newStartedTask();
  [logged, handle] = [task.logged, task.first.handle];
});

/**
 * Returns how often a record mentions the handle, how often it presents the handle, and how many roles stay unknown.
 */
async function rolesIn(record: object) {
  const { tasks, unread } = await auditOf(JSON.stringify(record), { ring: logged.world.ring });
  const [revision] = tasks[0]?.revisions ?? [];
  return [revision?.seen, revision?.presented, unread.untold];
}

describe('a handle that a call passes', () => {
  it.each<[string, (input: object) => object]>([
    ['a request of MCP', (input) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: input } })],
    ['a request without the version of JSON-RPC', (input) => ({ method: 'tools/call', params: { arguments: input } })],
    ['a call of a model in content blocks', (input) => ({ type: 'tool_use', id: 'toolu_1', name: 'x', input })],
    [
      'a call of a model with arguments as text',
      (input) => ({ id: 'call_1', type: 'function', function: { name: 'x', arguments: JSON.stringify(input) } }),
    ],
    ['a call of a model with its id beside it', (input) => ({ type: 'function_call', call_id: 'call_1', name: 'x', arguments: input })],
    ['a call of a model in parts', (input) => ({ parts: [{ functionCall: { name: 'x', args: input } }] })],
    ['an attribute of a span', (input) => ({ 'gen_ai.tool.call.arguments': JSON.stringify(input) })],
    [
      'an attribute that is a pair of key and value',
      (input) => ({ attributes: [{ key: 'mcp.tool.input', value: { stringValue: JSON.stringify(input) } }] }),
    ],
  ])('counts as presented in %s', async (_name, write) => {
    expect(await rolesIn(write({ handle }))).toEqual([1, 1, 0]);
  });
});

describe('a handle that no call passes', () => {
  it.each<[string, (output: object) => object]>([
    ['an answer of MCP', (output) => ({ jsonrpc: '2.0', id: 1, result: { structuredContent: output } })],
    ['a request that the server sends', (output) => ({ jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: output })],
    ['an error', (output) => ({ jsonrpc: '2.0', id: 1, error: { code: -32_602, message: JSON.stringify(output) } })],
    ['the result of a tool in a chat', (output) => ({ role: 'tool', tool_call_id: 'call_1', content: JSON.stringify(output) })],
    ['the result of a tool in parts', (output) => ({ parts: [{ functionResponse: { name: 'x', response: output } }] })],
    ['the words of a model', (output) => ({ role: 'assistant', content: `The handle is ${JSON.stringify(output)}.` })],
    ['an attribute of a span', (output) => ({ 'gen_ai.tool.call.result': JSON.stringify(output) })],
  ])('does not count as presented in %s', async (_name, write) => {
    expect(await rolesIn(write({ handle }))).toEqual([1, 0, 0]);
  });

  it('has no known role in a step of an agent that is not a tool', async () => {
    const input = JSON.stringify({ handle });
    expect(await rolesIn({ name: 'x', run_type: 'chain', inputs: { handle } })).toEqual([1, 0, 1]);
    expect(await rolesIn({ 'openinference.span.kind': 'LLM', 'input.value': input })).toEqual([1, 0, 1]);
    expect(await rolesIn({ attributes: [{ key: 'input.value', value: { stringValue: input } }] })).toEqual([1, 0, 1]);
    expect(await rolesIn({ state: { input: { handle } } })).toEqual([1, 0, 1]);
  });

  it('has no known role in a record of an unknown form', async () => {
    expect(await rolesIn({ event: 'x', data: { handle } })).toEqual([1, 0, 1]);
    expect(await rolesIn({ input: { handle } })).toEqual([1, 0, 1]);
  });

  it('is looked for in time that grows with the length of a member’s name', async () => {
    expect(await growsInProportion((length) => rolesIn({ ['tool_'.repeat(length)]: handle }), 4_000)).toBe(true);
  });
});
