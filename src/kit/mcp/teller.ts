import type { ServerContext } from '@modelcontextprotocol/server';
import type { Call, Progress } from '../define/call.ts';

/** The connection between a handler and its client while the handler runs. */
export interface Teller {
  /** The members of {@link Call} for notifications and for cancellation. */
  readonly told: Pick<Call, 'progress' | 'log' | 'signal'>;
  /**
   * Call this function when the call is answered. From then on, no notification is sent, and nothing aborts the signal.
   */
  end(): void;
}

/** Makes the {@link Teller} for one request. Notifications use the same stream as the answer. */
export function tellerOf({ mcpReq }: ServerContext): Teller {
  const { _meta, notify, log } = mcpReq;
  // Over HTTP, the SDK aborts its own signal even after a normal answer. So the handler gets another signal.
  const [cancel, { signal }] = cancelling(mcpReq.signal);
  const progressToken = _meta?.progressToken;
  let [isOver, reached] = [false, Number.NEGATIVE_INFINITY];
  // This function never rejects: a failed notification is no defect of the tool, and a handler need not await it.
  const tell = async (send: () => Promise<void>) => {
    if (!isOver && !signal.aborted) await send().catch(() => {});
  };
  return {
    told: {
      progress: async ({ progress, total, message }: Progress) => {
        // MCP demands that progress grows with each notification.
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
