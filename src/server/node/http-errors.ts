import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyError, FastifyInstance } from 'fastify';
import { BODY_LIMIT } from '../app/endpoint.ts';

/** An answer that is an error and belongs to no request (JSON-RPC 2.0 §5.1). */
export function rpcError(code: number, message: string) {
  return { jsonrpc: '2.0', error: { code, message }, id: null };
}

/** To a request whose target or Host is none. */
export const UNREADABLE_TARGET = rpcError(-32600, 'The request URL or its Host is not valid.');

/** What is answered to requests that no handler sees: as JSON-RPC errors, in our words, for the framework's may quote the request. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const { status, code, message } = answerTo(error);
    if (status === 500) app.log.error({ error: error.name, code: error.code }, 'request failed');
    return reply.code(status).send(rpcError(code, message));
  });
  app.setNotFoundHandler((_request, reply) => {
    const message = 'Not found. MCP is served at POST /mcp; health at GET /healthz and GET /readyz.';
    return reply.code(404).send(rpcError(-32600, message));
  });
}

function answerTo({ statusCode = 500 }: FastifyError): { status: number; code: number; message: string } {
  if (statusCode === 413)
    return { status: 413, code: -32600, message: `The request body is too large: at most ${BODY_LIMIT} bytes are read.` };
  if (statusCode === 415) return { status: 415, code: -32600, message: 'The request body must be application/json.' };
  if (statusCode === 408) return { status: 408, code: -32600, message: 'The request took too long to arrive.' };
  if (statusCode === 429)
    return { status: 429, code: -32000, message: 'Too many requests. Wait as long as Retry-After says, then send the same request again.' };
  if (statusCode >= 400 && statusCode < 500) {
    const message = 'The request body is not valid JSON, or has a member that is never accepted ("__proto__", "constructor.prototype").';
    return { status: statusCode, code: -32700, message };
  }
  return { status: 500, code: -32603, message: 'Internal error' };
}

/**
 * Answers what is not HTTP, or came too slowly. The error carries the bytes that were read, so the log gets its code alone.
 *
 * @param isAnswering whether another answer is under way on the connection, in whose middle this one would stand
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket, log: FastifyBaseLogger, isAnswering: boolean): void {
  log.debug({ code: error.code }, 'unreadable request');
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  if (socket.writable && !isAnswering) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}
