import type { Server } from '@modelcontextprotocol/server';
import { beginOperation, endingOf, type Operation, workIn } from '../../telemetry/operation.ts';
import { originOf } from '../../telemetry/propagation.ts';
import type { Toolset } from '../define/lookup.ts';

type Connect = Server['connect'];
type Transport = Parameters<Connect>[0];
type Id = string | number;

interface Message {
  readonly id?: Id;
  readonly method?: string;
  readonly params?: {
    readonly name?: unknown;
    readonly arguments?: unknown;
    readonly requestId?: unknown;
    readonly _meta?: unknown;
  } | null;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A request without an answer so far. */
interface Open extends Operation {
  readonly tool: string | undefined;
}

/** The sets of tools of each traced server. An author may register several on one server. */
const known = new WeakMap<Server, Toolset[]>();

/**
 * Makes a server report each request to OpenTelemetry, from its next connection on. The server then answers each
 * request in the context of the request's span.
 *
 * @param tools the tools whose names may be reported
 * @returns the server that was passed
 */
export function traced(server: Server, tools: Toolset): Server {
  const before = known.get(server);
  if (before !== undefined) {
    before.push(tools);
    return server;
  }
  const sets = [tools];
  known.set(server, sets);
  const connect: Connect = server.connect.bind(server);
  server.connect = (transport) => connect(tracedTransport(transport, server, sets));
  return server;
}

function tracedTransport(transport: Transport, server: Server, sets: readonly Toolset[]): Transport {
  const open = new Map<Id, Open>();
  const end = (id: Id, ending: (tool: string | undefined) => ReturnType<typeof endingOf>) => {
    const operation = open.get(id);
    if (operation === undefined) return;
    open.delete(id);
    operation.end({ ...ending(operation.tool), version: server.getNegotiatedProtocolVersion() });
  };
  const abandon = (id: Id) => end(id, () => ({ error: 'cancelled' }));

  const [send, start] = [transport.send.bind(transport), transport.start.bind(transport)];
  transport.send = (message, options) => {
    const { id, method, result, error } = message as Message;
    // The span must end before the client has the answer. The client may then close the connection, which would look
    // like a cancellation.
    if (method === undefined && id !== undefined) end(id, (tool) => endingOf({ result, error }, tool !== undefined));
    return send(message, options);
  };
  // When the SDK starts the transport, it has put every listener into `onmessage`, so this wrapper encloses them all.
  transport.start = () => {
    const { onmessage: receive, onclose: close } = transport;
    transport.onmessage = (message, extra) => {
      const { id, method, params } = message as Message;
      if (method === 'notifications/cancelled') abandon(params?.requestId as Id);
      if (id === undefined || method === undefined) return receive?.(message, extra);
      abandon(id);
      const request = extra?.request;
      const tool = method === 'tools/call' ? sets.map((tools) => toolIn(tools, params)).find((name) => name !== undefined) : undefined;
      const asked = { side: 'server', method, tool, id, transport: request === undefined ? 'pipe' : 'tcp' } as const;
      const operation = beginOperation(
        asked,
        originOf(params?._meta, (name) => request?.headers.get(name)),
      );
      open.set(id, { ...operation, tool });
      workIn(operation.context, () => receive?.(message, extra));
    };
    transport.onclose = () => {
      for (const id of [...open.keys()]) abandon(id);
      close?.();
    };
    return start();
  };
  return transport;
}

/**
 * Returns the name of the tool that a request calls, if the tool exists. For `call_tool`, this is the tool that
 * `call_tool` is to call.
 */
function toolIn({ byName, finders }: Toolset, params: Message['params']): string | undefined {
  const name = params?.name;
  if (typeof name !== 'string') return undefined;
  if (byName.has(name)) return name;
  if (!finders.has(name)) return undefined;
  const behind = (params?.arguments as { readonly name?: unknown } | null | undefined)?.name;
  return name === 'call_tool' && typeof behind === 'string' && byName.has(behind) ? behind : name;
}
