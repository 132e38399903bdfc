/** What the SDK's schemas refuse and clients write, and what their refusals look like, on every path to a server. */
import type { Server } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { problemsIn } from '../define/problems.ts';

type Connect = Server['connect'];
type Transport = Parameters<Connect>[0];
type Sent = Parameters<Transport['send']>;

/** Members of a request's parameters that clients write as `null` where they mean that there is none. */
const OPTIONAL = ['arguments', 'cursor'];

/** The same server, which from its next connection on forgives its clients, and answers them without dumps of a schema library. */
export function forgiving(server: Server): Server {
  const connect: Connect = server.connect.bind(server);
  server.connect = (transport) => connect(forgivingTransport(transport));
  return server;
}

function forgivingTransport(transport: Transport): Transport {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => send(withoutDump(message), options);
  const before = transport.onmessage;
  // The SDK hands each message to this function before it looks at it itself.
  transport.onmessage = (message, extra) => {
    before?.(message, extra);
    const { params } = message as { params?: Record<string, unknown> | null };
    for (const name of OPTIONAL) if (params?.[name] === null) delete params[name];
  };
  return transport;
}

const INTERNAL_ERROR = -32_603;
const INVALID_PARAMS = -32_602;

/** How zod prints its issues; before them may stand which request it was. */
const DUMP = /^(.{0,100}?)(\[\n {2}\{[\s\S]*\])$/;

const issues = z.array(z.looseObject({ message: z.string(), path: z.array(z.union([z.string(), z.number()])) }));

/** An error with the issues of a schema library in its message, in words instead. What did not fit a schema is the client's. */
function withoutDump(message: Sent[0]): Sent[0] {
  if (!('error' in message)) return message;
  const { code, message: text } = message.error;
  const [, before = '', dump] = DUMP.exec(text) ?? [];
  const found = dump === undefined ? undefined : issues.safeParse(parsed(dump)).data;
  if (found === undefined) return message;
  const words = `${before || 'Invalid request: '}${problemsIn(new z.ZodError(found as never))}`;
  return { ...message, error: { ...message.error, code: code === INTERNAL_ERROR ? INVALID_PARAMS : code, message: words } };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
