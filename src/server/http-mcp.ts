import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Environment, Toolset } from '../kit/index.ts';
import { mcpEndpoint } from './endpoint.ts';

/** `POST /mcp`, and what its other methods are answered. */
export const mcpRoute: FastifyPluginAsync<{ tools: Toolset; environment: Environment }> = async (app, { tools, environment }) => {
  // Their messages may quote the request, and so a handle: the log gets their names only.
  const endpoint = mcpEndpoint(tools, environment, (error) => app.log.debug({ error: error.name }, 'protocol error'));
  const answering = new Set<Promise<Response>>();

  app.post('/mcp', async (request, reply) => {
    const answer = endpoint.fetch(webRequest(request, gone(reply)), { parsedBody: request.body });
    answering.add(answer);
    try {
      return reply.send(await answer);
    } finally {
      answering.delete(answer);
    }
  });

  app.route({
    method: ['GET', 'DELETE', 'PUT', 'PATCH'],
    url: '/mcp',
    handler: (_request, reply) => {
      const message = 'Method not allowed: this server has no sessions and no standing streams. Use POST.';
      return reply
        .code(405)
        .header('allow', 'POST')
        .send({ jsonrpc: '2.0', error: { code: -32000, message }, id: null });
    },
  });

  // Closing the endpoint cuts what it is answering, so that comes first; what is left then are subscription streams.
  app.addHook('preClose', async () => {
    await Promise.allSettled(answering);
    await endpoint.close();
  });
};

/** The request as the endpoint takes it. Fastify has read and parsed the body, which is passed beside it. */
function webRequest(request: FastifyRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  return new Request(new URL(request.url, 'http://localhost'), { method: request.method, headers, signal });
}

/** Aborted when the client is gone: to MCP that cancels the request (2026-07-28, basic/transports/streamable-http). */
function gone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
