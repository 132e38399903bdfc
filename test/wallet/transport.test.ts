import { type JSONRPCMessage, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { createWallet, withWallet } from '../../src/wallet/index.ts';
import { madeUpHandle } from './passing-server.mjs';

describe('a transport that a wallet wraps', () => {
  it('keeps the members that the wallet does not change', () => {
    const transport = new StreamableHTTPClientTransport(new URL('https://mcp.example.com/mcp'));
    const wrapped = withWallet(transport, createWallet({ upstream: 'x', ephemeral: true }));
    expect(wrapped).toBeInstanceOf(StreamableHTTPClientTransport);
    expect(wrapped.hasPerRequestStream).toBe(true);
    wrapped.setProtocolVersion('2025-11-25');
    expect(transport.protocolVersion).toBe('2025-11-25');
  });

  it('passes on messages in order, and closes after the last', async () => {
    const heard: (string | number)[] = [];
    const inner = {
      onmessage: undefined as ((message: JSONRPCMessage) => void) | undefined,
      onclose: undefined as (() => void) | undefined,
      start: async () => {},
      send: async () => {},
      close: async () => inner.onclose?.(),
    };
    const wrapped = withWallet(inner, createWallet({ upstream: 'x', ephemeral: true }));
    wrapped.onmessage = (message) => heard.push('method' in message ? message.method : (message.id ?? ''));
    wrapped.onclose = () => heard.push('closed');
    inner.onmessage?.({ jsonrpc: '2.0', id: 1, result: { structuredContent: { handle: madeUpHandle('x') } } });
    inner.onmessage?.({ jsonrpc: '2.0', method: 'notifications/progress' });
    inner.onmessage?.({ jsonrpc: '2.0', id: 2, result: {} });
    await wrapped.close();
    expect(heard).toEqual([1, 'notifications/progress', 2, 'closed']);
  });
});
