import type { Readable, Transform } from 'node:stream';
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server';
import { inputLines } from './input-lines.ts';

/** How long answers are waited for once the input has ended. Milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * A transport over an input stream that, when the input ends, first answers what it has read. The SDK's own drops
 * the answers; here an answer may hold the only copy of a task.
 *
 * @param connect makes the SDK's transport over the stream that it is given
 * @param source where messages come from
 * @param dropped told of a line that is no message, in words that quote nothing of it
 * @returns the transport, and a function that ends the input as if `source` had ended; of one that has ended, the waiting
 */
export function answeringTransport(
  connect: (input: Transform) => Transport,
  source: Readable,
  dropped: (why: string) => void,
): { transport: Transport; finish(): Promise<void> } {
  const refused = (message: string) => {
    // A batch has no id of its own; the type knows errors with one only.
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
    // What was read is on its way through the stream; the loop's next turn has it all.
    await new Promise((resolve) => setImmediate(resolve));
    // Who ends the input and then asks for an end, as hosts do with a signal, waits for no answer: calls are aborted.
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
