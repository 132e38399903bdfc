import type { Readable, Transform } from 'node:stream';
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server';
import { inputLines } from './input-lines.ts';

/** How long the transport waits for answers after the input has ended. Milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * Makes a transport that answers the requests that it has read when its input ends. The SDK's own transport drops these
 * answers, and an answer may contain the only copy of a task.
 *
 * @param connect makes the SDK's transport over a stream
 * @param source the input
 * @param dropped called for each line that is no message, with a reason that quotes nothing of the line
 * @returns the transport; and `finish`, which ends the input as if `source` had ended. If `source` has already ended, `finish`
 *   ends the wait for answers
 */
export function answeringTransport(
  connect: (input: Transform) => Transport,
  source: Readable,
  dropped: (why: string) => void,
): { transport: Transport; finish(): Promise<void> } {
  const refused = (message: string) => {
    // A batch has no id, but the SDK's type for errors demands one.
    const answer = { jsonrpc: '2.0', error: { code: -32_600, message }, id: null } as unknown as JSONRPCMessage;
    inner.send(answer).catch(() => {});
  };
  const input = inputLines({ dropped, refused });
  const inner = connect(input);
  const unanswered = new Set<RequestId>();
  let ending = false;
  let allAnswered = () => {};
  const answered = new Promise<void>((resolve) => (allAnswered = resolve));

  const settle = () => {
    if (ending && unanswered.size === 0) allAnswered();
  };
  const finish = async () => {
    source.unpipe(input);
    source.pause();
    // Lines that were read may still be in the stream. The stream passes them on before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    // A host that ends the input and then sends a signal waits for no answer, so calls are aborted.
    if (ending) allAnswered();
    ending = true;
    settle();
    const patience = setTimeout(allAnswered, PATIENCE_MS);
    await answered;
    clearTimeout(patience);
    input.end();
  };
  source.pipe(input, { end: false });
  source.once('end', finish);

  const noteRequest = (message: JSONRPCMessage) => {
    if ('method' in message && 'id' in message) unanswered.add(message.id);
    if ('method' in message && message.method === 'notifications/cancelled') {
      unanswered.delete((message.params as { requestId?: RequestId } | undefined)?.requestId ?? '');
      settle();
    }
  };
  const transport: Transport = {
    start: async () => {
      inner.onmessage = (message, extra) => {
        noteRequest(message);
        transport.onmessage?.(message, extra);
      };
      inner.onclose = () => transport.onclose?.();
      inner.onerror = (error) => transport.onerror?.(error);
      await inner.start();
    },
    send: async (message, options) => {
      await inner.send(message, options);
      if (!('method' in message) && message.id !== undefined) unanswered.delete(message.id);
      settle();
    },
    close: () => inner.close(),
  };
  return { transport, finish };
}
