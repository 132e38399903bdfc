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
    const unread = (problem: string) => {
      refused({ code: PARSE_ERROR, message: `Parse error: the line is ${problem}`, id: null });
      dropped(`it is ${problem}`);
      return [];
    };
    const line = textOf(bytes)?.trim();
    if (line === undefined) return unread('not valid UTF-8');
    if (line === '') return [];
    let message: unknown;
    try {
      message = JSON.parse(line);
      message = wellSpelled(message);
      const problem = problemWith(message);
      if (problem === undefined) return Array.isArray(message) ? message.map((one) => JSON.stringify(one)) : [JSON.stringify(message)];
      if (deservesAnswer(message)) refused({ code: INVALID_REQUEST, message: `Bad Request: ${problem}`, id: idOf(message) });
      dropped(problem);
    } catch (error) {
      if (error instanceof RangeError) {
        // The value nests too deep for the call stack.
        if (deservesAnswer(message))
          refused({ code: INVALID_REQUEST, message: 'Bad Request: the message nests too deep', id: idOf(message) });
        dropped('it nests too deep');
        return [];
      }
      if (error instanceof SyntaxError) return unread('not JSON');
      throw error;
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

/** Decodes a line, without a byte order mark. Returns undefined for other bytes than UTF-8, which a tool would seal changed. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Tells whether to answer a value that is not a message of MCP. Notifications and responses get no answer (JSON-RPC 2.0
 * §4.1). Two programs that answered each other's errors would never stop.
 */
function deservesAnswer(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return true;
  return 'method' in message && 'id' in message;
}

/** Returns the id of a request. A response has no `method`, and its id belongs to a request of the server. */
function idOf(message: unknown): RequestId | null {
  const { method, id } = (message ?? {}) as { readonly method?: unknown; readonly id?: unknown };
  return typeof method === 'string' && (typeof id === 'string' || typeof id === 'number') ? id : null;
}
