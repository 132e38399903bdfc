/**
 * Makes an OpenTelemetry span for each request that passes through a wallet. The span is a child of the client's span
 * and the parent of the server's span.
 */
import { OTHER } from '../telemetry/conventions.ts';
import { beginOperation, type Ending, endingOf, type Operation } from '../telemetry/operation.ts';
import { metaFrom, originOf } from '../telemetry/propagation.ts';
import type { Message } from './messages.ts';

export interface TracedCalls {
  /**
   * Begins the span of a request. If the message cancels a request, ends the span of that request instead.
   *
   * @returns the message to send. With OpenTelemetry, the `_meta` of a request names its span as parent
   */
  sent(message: Message): Message;
  /** Ends the span of a request when its response comes. */
  heard(message: Message): void;
  /** Ends the span of a request that could not be sent. */
  lost(message: Message): void;
  /** Ends all open spans, because the connection has ended. */
  ended(): void;
}

interface Open {
  readonly operation: Operation;
  readonly method: string;
}

/** The maximum number of tool names to remember for one connection. */
const MOST_NAMES = 1_000;

export function tracedCalls(): TracedCalls {
  const open = new Map<string | number, Open>();
  // A model may write any text as a tool's name. Spans show only names that the server listed.
  const listed = new Set<unknown>();
  const end = (id: string | number | undefined, ending: Ending) => {
    const asked = id === undefined ? undefined : open.get(id);
    if (id === undefined || asked === undefined) return;
    open.delete(id);
    asked.operation.end(ending);
  };

  return {
    sent: (message) => {
      const { id, method, params } = message;
      if (method === 'notifications/cancelled') end(params?.['requestId'] as string, { error: 'cancelled' });
      if (id === undefined || method === undefined) return message;
      const name = params?.['name'];
      const tool = method === 'tools/call' && listed.has(name) ? String(name) : undefined;
      const operation = beginOperation({ side: 'client', method, tool, id }, originOf(params?.['_meta']));
      open.set(id, { operation, method });
      const _meta = metaFrom(operation.context, params?.['_meta']);
      return _meta === undefined ? message : { ...message, params: { ...params, _meta } };
    },
    heard: ({ id, method, result, error }) => {
      if (method !== undefined || id === undefined) return;
      const tools: unknown = open.get(id)?.method === 'tools/list' ? result?.['tools'] : undefined;
      if (Array.isArray(tools)) for (const tool of tools.slice(0, MOST_NAMES - listed.size)) listed.add(tool?.name);
      end(id, endingOf({ result, error }, false));
    },
    lost: ({ id }) => end(id, { error: OTHER }),
    ended: () => {
      for (const id of [...open.keys()]) end(id, { error: 'cancelled' });
    },
  };
}
