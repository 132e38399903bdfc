/** Prepares standard input for the SDK's transport: one JSON-RPC message on each line. */
import { Transform } from 'node:stream';
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/server';
import { wellSpelled } from '../../app/spelling.ts';

/** The most messages in a batch. Over HTTP, the SDK has the same limit. */
const LONGEST_BATCH = 100;

const LINE_FEED = 10;

export interface LineHandling {
  /** Called for each dropped line. The reason quotes no part of the line. */
  dropped(why: string): void;
  /** Called for each refused batch. The function must answer with the code -32600 and without an id, as over HTTP. */
  refused(message: string): void;
}

/**
 * Makes a stream that removes byte order marks, corrects messages with `wellSpelled`, and drops lines that are not
 * JSON. It splits a batch (MCP 2025-03-26) into messages, so each gets its own answer.
 */
export function inputLines({ dropped, refused }: LineHandling): Transform {
  let parts: Buffer[] = [];
  let length = 0;

  const messagesIn = (bytes: Buffer): readonly string[] => {
    // The decoder removes a byte order mark.
    const line = new TextDecoder().decode(bytes).trim();
    if (line === '') return [];
    try {
      const read: unknown = JSON.parse(line);
      const message = wellSpelled(read);
      if (!Array.isArray(message)) return [message === read ? line : JSON.stringify(message)];
      const problem = problemWith(message);
      if (problem === undefined) return message.map((one) => JSON.stringify(one));
      refused(`Bad Request: ${problem}`);
      dropped(problem);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      dropped('it is not JSON');
    }
    return [];
  };

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        const line = Buffer.concat([...parts, chunk.subarray(start, end)]);
        [parts, length, start] = [[], 0, end + 1];
        for (const message of messagesIn(line)) this.push(`${message}\n`);
      }
      parts.push(chunk.subarray(start));
      length += chunk.length - start;
      // A line that is too long is passed on, and the SDK's transport refuses it.
      if (length > STDIO_DEFAULT_MAX_BUFFER_SIZE) {
        for (const part of parts) this.push(part);
        [parts, length] = [[], 0];
      }
      done();
    },
  });
}

function problemWith(batch: readonly unknown[]): string | undefined {
  if (batch.length === 0) return 'empty JSON-RPC batch';
  if (batch.length > LONGEST_BATCH) return `JSON-RPC batch of more than ${LONGEST_BATCH} messages`;
  const isMessage = (one: unknown) => typeof one === 'object' && one !== null && (one as { jsonrpc?: unknown }).jsonrpc === '2.0';
  return batch.every(isMessage) ? undefined : 'JSON-RPC batch contains an invalid message';
}
