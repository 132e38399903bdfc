import type { FastifyError, FastifyInstance } from 'fastify';
import { BODY_LIMIT } from './endpoint.ts';

/** What is answered to requests that no handler sees: as JSON-RPC errors, in our words, for the framework's may quote the request. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const { status, code, message } = answerTo(error);
    if (status >= 500) app.log.error({ error: error.name, code: error.code }, 'request failed');
    return reply.code(status).send({ jsonrpc: '2.0', error: { code, message }, id: null });
  });
  app.setNotFoundHandler((_request, reply) => {
    const message = 'Not found. MCP is served at POST /mcp; health at GET /healthz and GET /readyz.';
    return reply.code(404).send({ jsonrpc: '2.0', error: { code: -32600, message }, id: null });
  });
}

function answerTo({ statusCode = 500 }: FastifyError): { status: number; code: number; message: string } {
  if (statusCode === 413)
    return { status: 413, code: -32600, message: `The request body is too large: at most ${BODY_LIMIT} bytes are read.` };
  if (statusCode === 415) return { status: 415, code: -32600, message: 'The request body must be application/json.' };
  if (statusCode === 408) return { status: 408, code: -32600, message: 'The request took too long to arrive.' };
  if (statusCode >= 400 && statusCode < 500) return { status: statusCode, code: -32700, message: 'The request body is not valid JSON.' };
  return { status: 500, code: -32603, message: 'Internal error' };
}
