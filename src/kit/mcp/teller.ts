import type { ServerContext } from '@modelcontextprotocol/server';
import type { Call, Progress } from '../define/call.ts';

/** Connects a handler with its client while the handler runs: notifications to the client, and cancellation by the client. */
export interface Teller {
  /** The members of the handler's {@link Call} that send messages to the client, or that tell whether the client has cancelled. */
  readonly told: Pick<Call, 'progress' | 'log' | 'signal'>;
  /** Call this function when the call is answered. After that, no notification is sent and the signal is not aborted. */
  end(): void;
}

/**
 * Makes the {@link Teller} for one request. Progress and log messages go to the client in the same stream as the answer. The
 * signal is aborted when the client cancels the request or is gone.
 */
export function tellerOf({ mcpReq }: ServerContext): Teller {
  const { _meta, notify, log } = mcpReq;
  // The handler does not get the SDK's own signal, because over HTTP that signal is aborted even after a normal answer.
  const [cancel, { signal }] = cancelling(mcpReq.signal);
  const progressToken = _meta?.progressToken;
  let [isOver, reached] = [false, Number.NEGATIVE_INFINITY];
  // `tell` never rejects, because a failed notification is not a defect of the tool, and the handler need not await it.
  const tell = async (send: () => Promise<void>) => {
    if (!isOver && !signal.aborted) await send().catch(() => {});
  };
  return {
    told: {
      progress: async ({ progress, total, message }: Progress) => {
        // MCP demands that the progress value grows with each notification.
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
