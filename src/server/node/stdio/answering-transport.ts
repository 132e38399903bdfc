import type { Readable, Transform } from 'node:stream';
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server';
import { inputLines, type Refusal } from './input-lines.ts';

/** The longest wait for answers after the end of the input, in milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * Makes a transport that answers all requests that it has read, even after the end of the input. The SDK's own
 * transport drops such late answers, but an answer may contain the only copy of a task.
 *
 * @param connect makes the SDK's transport, which reads from the given stream
 * @param dropped called for each line that is not a message, with a reason that quotes no part of the line
 * @returns the transport, and `finish`, which ends the input. If the input has already ended, `finish` ends the wait
 *   for answers.
 */
export function answeringTransport(
  connect: (input: Transform) => Transport,
  source: Readable,
  dropped: (why: string) => void,
): { transport: Transport; finish(): Promise<void> } {
  const refused = ({ id, ...error }: Refusal) => {
    // The SDK's type for errors does not allow the id null.
    inner.send({ jsonrpc: '2.0', error, id } as JSONRPCMessage).catch(() => {});
  };
  const input = inputLines({ dropped, refused });
  const inner = connect(input);
  const unanswered = new Set<RequestId>();
  let [begun, ending] = [false, false];
  let allAnswered = () => {};
  const answered = new Promise<void>((resolve) => (allAnswered = resolve));

  const settle = () => {
    if (ending && unanswered.size === 0) allAnswered();
  };
  const finish = async () => {
    begun = true;
    source.unpipe(input);
    source.pause();
    // Lines may still be in the stream, which passes them on before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    // If `ending` is already true, the input ended earlier, and now a signal ends the program. The MCP host no longer
    // waits for answers.
    if (ending) allAnswered();
    ending = true;
    settle();
    const patience = setTimeout(allAnswered, PATIENCE_MS);
    await answered;
    clearTimeout(patience);
    input.end();
  };
  source.pipe(input, { end: false });
  source.once('end', () => {
    // A signal has already ended the input.
    if (begun) return;
    // The end of the input also ends its last line.
    input.write('\n');
    finish();
  });

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
