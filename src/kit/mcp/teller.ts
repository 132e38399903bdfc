import type { ServerContext } from '@modelcontextprotocol/server';
import type { Call, Progress } from '../define/call.ts';

/** What a client is told while its call is under way. */
export interface Teller {
  readonly told: Pick<Call, 'progress' | 'log'>;
  /** From then on the client is told nothing: what comes behind an answer belongs to no call. */
  end(): void;
}

/** Tells the client that made a request what it asked to be told of it, on the stream of its answer. */
export function tellerOf({ mcpReq }: ServerContext): Teller {
  const { _meta, signal, notify, log } = mcpReq;
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
    },
    end: () => {
      isOver = true;
    },
  };
}
