/** Answers clients whose requests cannot be read as HTTP. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HEADERS_TOO_LARGE, type Refusal, refusalOf, UNREADABLE_TARGET } from '../../app/refusals.ts';
import type { LogRefusal } from '../refuse.ts';

/** The codes of Node's errors about a client that closes its connection in the middle of a request. */
const BROKEN = ['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'];

/** How long a client has to read its refusal, in milliseconds. */
const LINGER_MS = 1_000;

/** Tells whether a connection broke. Nobody was refused then, so nothing is counted. */
export function isBroken({ code }: { readonly code?: string | undefined }): boolean {
  return BROKEN.includes(code ?? '');
}

/**
 * Answers a client that sends invalid HTTP, too large headers, or sends too slowly. The error contains the client's
 * bytes, so it must not be logged.
 *
 * @param isAnswering whether the connection is in the middle of another answer. If so, the connection is only closed,
 *   because a second answer would be written into the first.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket, logRefusal: LogRefusal, isAnswering: boolean): void {
  const refusal = refusalFor(error);
  if (!isBroken(error)) logRefusal(refusal.status, refusal.reason);
  if (!socket.writable || isAnswering) return void socket.destroy();
  socket.end(asHttp(refusal));
  // No other timer closes the connection of a client that keeps its own half open.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function refusalFor({ code }: NodeJS.ErrnoException): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusalOf(408);
  return code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : UNREADABLE_TARGET;
}

function asHttp({ status, body }: Refusal): string {
  const text = JSON.stringify(body);
  const head = ['Connection: close', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`];
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', text].join('\r\n');
}
