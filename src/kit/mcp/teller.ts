import type { ServerContext } from '@modelcontextprotocol/server';
import type { Call, Progress } from '../define/call.ts';

/** Connects a handler with its client while the call is under way. */
export interface Teller {
  /** The members of the handler's {@link Call} that need the connection. */
  readonly told: Pick<Call, 'progress' | 'log' | 'signal'>;
  /** Ends the connection when the call is answered. After the answer no notification is sent, and the signal is not aborted. */
  end(): void;
}

/**
 * Makes the connection for one request. Progress and log messages go to the client on the stream of the request's answer. The
 * signal is aborted when the client cancels the request or is gone.
 */
export function tellerOf({ mcpReq }: ServerContext): Teller {
  const { _meta, notify, log } = mcpReq;
  // The SDK's own signal is aborted after an answer over HTTP, too, when the exchange closes. So the handler gets another signal.
  const [cancel, { signal }] = cancelling(mcpReq.signal);
  const progressToken = _meta?.progressToken;
  let [isOver, reached] = [false, Number.NEGATIVE_INFINITY];
  // A failed notification is no defect of the tool, and the handler may not even await it. So `tell` never rejects.
  const tell = async (send: () => Promise<void>) => {
    if (!isOver && !signal.aborted) await send().catch(() => {});
  };
  return {
    told: {
      progress: async ({ progress, total, message }: Progress) => {
        // In MCP the progress value must grow with each notification.
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
