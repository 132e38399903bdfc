import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { LONGEST_MESSAGE } from '../../../src/wallet/upstream/bounded-fetch.ts';
import { httpUpstream } from '../../../src/wallet/upstream/http-upstream.ts';
import { MODERN } from '../../support/mcp.ts';
import { until } from '../../support/wait.ts';
import { serveFetch } from '../passing-server.mjs';

describe('a very long response', () => {
  const filler = 'x'.repeat(1_048_576);
  it.each([
    ['one message', 'application/json', '{"jsonrpc":"2.0","id":7,"result":{"text":"', filler],
    ['one event of an event stream', 'text/event-stream', 'data: {"jsonrpc":"2.0","id":7,"result":{"text":"', `${filler}\ndata: `],
  ])('is cut off, and the request gets an error, if it is %s', async (_name, type, beginning, more) => {
    let sent = 0;
    const endless = await serveFetch(() => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from(beginning)),
        pull: (controller) => {
          sent += more.length;
          controller.enqueue(Buffer.from(more));
        },
      });
      return new Response(body, { headers: { 'content-type': type } });
    });
    const answers: object[] = [];
    const upstream = httpUpstream(new URL(endless.url), { onError: () => {} });
    upstream.onmessage = (message) => answers.push(message);
    try {
      await upstream.start();
      await upstream.send(toolsList(7));
      await until('it was answered', () => answers.length === 1);
      expect(answers).toEqual([{ jsonrpc: '2.0', id: 7, error: expect.objectContaining({ code: -32_603 }) }]);
      expect(sent).toBeLessThan(LONGEST_MESSAGE + 64 * filler.length);
    } finally {
      await upstream.close();
      await endless.close();
    }
  });

  it('is read to its end if it is a stream of many events', async () => {
    const event = `data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${filler}"}}\n\n`;
    const many = Math.ceil((2 * LONGEST_MESSAGE) / event.length);
    const body = `${event.repeat(many)}data: {"jsonrpc":"2.0","id":7,"result":{}}\n\n`;
    const long = await serveFetch(() => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    let [heard, answered] = [0, false];
    const upstream = httpUpstream(new URL(long.url), { onError: () => {} });
    upstream.onmessage = (message) => {
      heard += 1;
      answered ||= 'result' in message;
    };
    try {
      await upstream.start();
      await upstream.send(toolsList(7));
      await until('it was answered', () => answered);
      expect(heard).toBe(many + 1);
    } finally {
      await upstream.close();
      await long.close();
    }
  });
});

function toolsList(id: number): JSONRPCMessage {
  return { jsonrpc: '2.0', id, method: 'tools/list', params: { _meta: { 'io.modelcontextprotocol/protocolVersion': MODERN } } };
}
