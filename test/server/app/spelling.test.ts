import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { researchTools } from '../../../src/research/index.ts';
import { createFetchHandler, type FetchHandler } from '../../../src/server/app/fetch.ts';
import { wellSpelled } from '../../../src/server/app/spelling.ts';
import { ringFile } from '../../support/folders.ts';
import { legacyRequest, MODERN, messageIn, modernRequest, type Outgoing, toolCall } from '../../support/mcp.ts';

let handler: FetchHandler;
beforeAll(async () => {
  const keys = JSON.stringify((await ringFile()).document);
  handler = createFetchHandler({ tools: researchTools, identity: { name: 'test', version: '1' }, keys, allowAnonymous: true });
});
afterAll(() => handler.close());

type Sent = Record<string, unknown> & { readonly params: { readonly _meta: object } };
type Replacing = (message: Sent) => unknown;

/** Sends a message with some members replaced. */
async function send({ headers, body }: Outgoing, replaced: Replacing) {
  const message = JSON.stringify(replaced(JSON.parse(body)));
  const response = await handler.fetch(new Request('http://localhost/mcp', { method: 'POST', headers, body: message }));
  const text = await response.text();
  return { status: response.status, message: text === '' ? undefined : messageIn(text) };
}

const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'some client', version: '1' } };
const initialize = (params: object) => legacyRequest('initialize', { ...hello, ...params });
const asIs = (message: object) => message;

describe('a message with [] for {}, or null for an absent member,', () => {
  test.each<[string, Outgoing, Replacing]>([
    ['params []', legacyRequest('tools/list'), (message) => ({ ...message, params: [] })],
    ['params null', legacyRequest('ping'), (message) => ({ ...message, params: null })],
    [
      'params null, with null for the members of a response',
      legacyRequest('tools/list'),
      (message) => ({ ...message, params: null, result: null, error: null }),
    ],
    ['_meta null', legacyRequest('tools/list', { _meta: null }), asIs],
    ['_meta []', legacyRequest('tools/list', { _meta: [] }), asIs],
    ['a null cursor', legacyRequest('tools/list', { cursor: null }), asIs],
    ['a null progress token', legacyRequest('tools/list', { _meta: { progressToken: null } }), asIs],
    ['capabilities []', initialize({ capabilities: [] }), asIs],
    ['capabilities null', initialize({ capabilities: null }), asIs],
    ['no capabilities', initialize({ capabilities: undefined }), asIs],
    ['capabilities with [] and null', initialize({ capabilities: { roots: [], sampling: [], elicitation: null } }), asIs],
    ['a client with null members', initialize({ clientInfo: { name: 'a', title: null, version: '1', icons: null } }), asIs],
    [
      `${MODERN}: capabilities and a client with [] and null`,
      modernRequest('tools/list'),
      ({ params, ...message }) => ({
        ...message,
        params: {
          ...params,
          _meta: {
            ...params._meta,
            progressToken: null,
            'io.modelcontextprotocol/clientCapabilities': [],
            'io.modelcontextprotocol/clientInfo': { name: 'a', version: '1', title: null },
          },
        },
      }),
    ],
  ])('is served: %s', async (_what, request, replaced) => {
    const { status, message } = await send(request, replaced);
    expect({ status, error: message?.error, result: typeof message?.result }).toEqual({ status: 200, error: undefined, result: 'object' });
  });

  test('is served if it is a notification with a null id, and params []', async () => {
    const notification = { jsonrpc: '2.0', id: null, method: 'notifications/initialized', params: [] };
    expect((await send(legacyRequest('ping'), () => notification)).status).toBe(202);
  });

  test('is served in a batch', async () => {
    const batch = [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'tools/list', params: [] }));
    expect((await send(legacyRequest('ping'), () => batch)).status).toBe(200);
  });
});

describe('a message', () => {
  test.each<[string, Replacing]>([
    ['with a null id', (message) => ({ ...message, id: null })],
    ['with params that are a list with a member', (message) => ({ ...message, params: ['tools'] })],
    ['with params that are a text', (message) => ({ ...message, params: 'tools' })],
    ['without a method', ({ method: _none, ...message }) => message],
    ['with null for jsonrpc', (message) => ({ ...message, jsonrpc: null })],
  ])('is refused %s', async (_what, replaced) => {
    expect((await send(legacyRequest('tools/list'), replaced)).status).toBe(400);
  });
});

test('null and [] stay in a tool’s arguments, and in metadata that MCP does not define', () => {
  const params = { name: 'say', arguments: { a: null, b: [] }, _meta: { 'example.com/x': null } };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  expect(wellSpelled(message)).toBe(message);
  expect(wellSpelled({ ...message, params: { ...params, task: null } })).toEqual(message);
});

test('a member named __proto__ stays a member, and changes no prototype', () => {
  const message = JSON.parse('{"jsonrpc":"2.0","id":1,"method":"initialize","error":null,"params":{"capabilities":{"__proto__":[]}}}');
  const { params } = wellSpelled(message) as { params: { capabilities: object } };
  expect(Object.keys(params.capabilities)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(params.capabilities)).toBe(Object.prototype);
});

describe('a further member beside those of JSON-RPC', () => {
  test('is ignored in a request, a notification and a batch', async () => {
    const further = { timestamp: 5, sessionId: 's', extra: null };
    expect((await send(legacyRequest('tools/list'), (message) => ({ ...message, ...further }))).status).toBe(200);
    expect((await send(modernRequest('tools/list'), (message) => ({ ...message, ...further }))).status).toBe(200);
    const notification = { jsonrpc: '2.0', method: 'notifications/initialized', ...further };
    expect((await send(legacyRequest('ping'), () => notification)).status).toBe(202);
    const batch = [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'tools/list', ...further }));
    expect((await send(legacyRequest('ping'), () => batch)).status).toBe(200);
  });

  test('stays if it could be another message', () => {
    const both = { jsonrpc: '2.0', id: 1, method: 'ping', result: {} };
    expect(wellSpelled(both)).toBe(both);
    expect(wellSpelled({ a: 1 })).toEqual({ a: 1 });
  });
});

test('a correct call is passed on unchanged', () => {
  const message = JSON.parse(toolCall('start_research_task', { topic: 'wax' }).body);
  expect(wellSpelled(message)).toBe(message);
  expect(wellSpelled([message])).toEqual([message]);
});
