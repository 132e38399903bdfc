/** Prepares standard input for the SDK's transport: one JSON-RPC message on each line. */
import { Transform } from 'node:stream';
import { INVALID_REQUEST, PARSE_ERROR, type RequestId, STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/server';
import { wellSpelled } from '../../app/spelling.ts';
import { problemWith } from './message-problems.ts';

const LINE_FEED = 10;

export interface LineHandling {
  /** Called for each dropped line. The reason quotes no part of the line. */
  dropped(why: string): void;
  /** Called for each dropped line. The function must answer with this error, as a server over HTTP does. */
  refused(refusal: Refusal): void;
}

/** The error for a line that is not a message. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  /** The id of the refused request; null if there is no id to read. */
  readonly id: RequestId | null;
}

/**
 * Makes a stream that removes byte order marks, corrects messages with `wellSpelled`, and drops lines that are not
 * messages of MCP. The SDK's transport would drop these lines, too, but would not answer them. The stream splits a batch
 * (MCP 2025-03-26) into messages, so each gets its own answer.
 */
export function inputLines({ dropped, refused }: LineHandling): Transform {
  let parts: Buffer[] = [];
  let length = 0;

  const messagesIn = (bytes: Buffer): readonly string[] => {
    let message: unknown;
    try {
      // The decoder removes a byte order mark. It refuses other bytes than UTF-8, which would change a text for good.
      const line = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
      if (line === '') return [];
      message = JSON.parse(line);
      message = wellSpelled(message);
      const problem = problemWith(message);
      if (problem === undefined) return Array.isArray(message) ? message.map((one) => JSON.stringify(one)) : [JSON.stringify(message)];
      refused({ code: INVALID_REQUEST, message: `Bad Request: ${problem}`, id: idOf(message) });
      dropped(problem);
    } catch (error) {
      if (error instanceof RangeError) {
        // The value nests too deep for the call stack.
        refused({ code: INVALID_REQUEST, message: 'Bad Request: the message nests too deep', id: idOf(message) });
        dropped('it nests too deep');
        return [];
      }
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      const problem = error instanceof SyntaxError ? 'not JSON' : 'not valid UTF-8';
      refused({ code: PARSE_ERROR, message: `Parse error: the line is ${problem}`, id: null });
      dropped(`it is ${problem}`);
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

/** Returns the id of a request. A response has no `method`, and its id belongs to a request of the server. */
function idOf(message: unknown): RequestId | null {
  const { method, id } = (message ?? {}) as { readonly method?: unknown; readonly id?: unknown };
  return typeof method === 'string' && (typeof id === 'string' || typeof id === 'number') ? id : null;
}
