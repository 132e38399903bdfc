/** Mends requests that the SDK would refuse although their meaning is plain, and makes the SDK's errors readable. */
import type { Server } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { problemsIn } from '../values/arguments.ts';

type Connect = Server['connect'];
type Transport = Parameters<Connect>[0];
type Sent = Parameters<Transport['send']>;

/**
 * Changes a server, from its next connection on:
 *
 * - It accepts arguments as a string of JSON, in place of an object.
 * - It accepts `[]` and `null` in place of an empty object of arguments.
 * - It ignores a `cursor` that is `null`.
 * - Its errors describe problems in words, not in zod's JSON.
 *
 * @returns the server that was passed
 */
export function forgiving(server: Server): Server {
  const connect: Connect = server.connect.bind(server);
  server.connect = (transport) => connect(forgivingTransport(transport));
  return server;
}

function forgivingTransport(transport: Transport): Transport {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => send(withoutDump(message), options);
  const before = transport.onmessage;
  // The SDK calls this function before it validates the message.
  transport.onmessage = (message, extra) => {
    before?.(message, extra);
    const { params } = message as { params?: Record<string, unknown> | null };
    if (params === undefined || params === null) return;
    if (params['cursor'] === null) delete params['cursor'];
    if (params['arguments'] !== undefined) params['arguments'] = objectIn(params['arguments']);
  };
  return transport;
}

/**
 * Returns the arguments as an object. If their meaning is not plain, they stay as they are, and the SDK refuses them.
 */
function objectIn(args: unknown): unknown {
  const held = typeof args === 'string' ? parsed(args || '{}') : args;
  if (held === null || (Array.isArray(held) && held.length === 0)) return {};
  return typeof held === 'object' && !Array.isArray(held) ? held : args;
}

const INTERNAL_ERROR = -32_603;
const INVALID_PARAMS = -32_602;

/** Matches an error text that ends with zod's issues as JSON. */
const DUMP = /^(.{0,100}?)(\[\n {2}\{[\s\S]*\])$/;

const issues = z.array(z.looseObject({ message: z.string(), path: z.array(z.union([z.string(), z.number()])) }));

/**
 * Replaces zod's issues in an error message by words. For some of these errors the SDK uses the code "internal error".
 * The client sent the wrong request, so the code becomes "invalid params".
 */
function withoutDump(message: Sent[0]): Sent[0] {
  if (!('error' in message)) return message;
  const { code, message: text } = message.error;
  const [, before = '', dump] = DUMP.exec(text) ?? [];
  const found = dump === undefined ? undefined : issues.safeParse(parsed(dump)).data;
  if (found === undefined) return message;
  const words = `${before || 'Invalid request: '}${problemsIn(found as never)}`;
  return { ...message, error: { ...message.error, code: code === INTERNAL_ERROR ? INVALID_PARAMS : code, message: words } };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
