import type { ServerContext } from '@modelcontextprotocol/server';
import type { Call, Progress } from '../define/call.ts';

/** What goes between a handler and its client while a call is under way. */
export interface Teller {
  readonly told: Pick<Call, 'progress' | 'log' | 'signal'>;
  /** From then on neither hears of the other: what comes behind an answer belongs to no call. */
  end(): void;
}

/** Tells the client that made a request what it asked to be told of it, on the stream of its answer; and the handler that the client is gone. */
export function tellerOf({ mcpReq }: ServerContext): Teller {
  const { _meta, notify, log } = mcpReq;
  // The SDK aborts its own signal after an answer over HTTP as well, when the exchange is closed.
  const [cancel, { signal }] = cancelling(mcpReq.signal);
  const progressToken = _meta?.progressToken;
  let [isOver, reached] = [false, Number.NEGATIVE_INFINITY];
  // A client that cannot be told is no defect of the tool, whose author may not even wait for the telling.
  const tell = async (send: () => Promise<void>) => {
    if (!isOver && !signal.aborted) await send().catch(() => {});
  };
  return {
    told: {
      progress: async ({ progress, total, message }: Progress) => {
        // MCP has it grow with every notification.
        if (progressToken === undefined || !(progress > reached)) return;
        reached = progress;
        const params = { progressToken, progress, ...(total !== undefined && { total }), ...(message !== undefined && { message }) };
        await tell(() => notify({ method: 'notifications/progress', params }));
      },
      log: (level, data, logger) => tell(() => log(level, data, logger)),
      signal,
    },
    end: () => {
      isOver = true;
      mcpReq.signal.removeEventListener('abort', cancel);
    },
  };
}

function cancelling(request: AbortSignal): [cancel: () => void, controller: AbortController] {
  const controller = new AbortController();
  const cancel = () => controller.abort(request.reason);
  if (request.aborted) cancel();
  else request.addEventListener('abort', cancel);
  return [cancel, controller];
}
