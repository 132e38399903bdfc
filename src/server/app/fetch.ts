import { hostHeaderValidationResponse, originValidationResponse } from '@modelcontextprotocol/server';
import type { Environment } from '../../kit/index.ts';
import { mcpEndpoint, type ServerFactory } from './endpoint.ts';
import { ALIVE, readinessAnswer } from './health.ts';
import { LOOPBACK_NAMES } from './loopback.ts';

export interface FetchHandlerOptions {
  /** What is served. */
  readonly server: ServerFactory;
  /** Ring and clock; see {@link Environment}. */
  readonly environment: Environment;
  /** Hostnames that clients reach this server by, without ports. Default: this machine's own (`localhost`, `127.0.0.1`, `[::1]`). */
  readonly allowedHosts?: readonly string[];
  /** Hostnames of web pages that may call it. Default: this machine's own. Requests without `Origin` are not from web pages. */
  readonly allowedOrigins?: readonly string[];
  /** Told of what the protocol layer refused. The messages may quote requests: do not log them. */
  onError?(error: Error): void;
}

/** A server as edge runtimes take it: `export default createFetchHandler(…)`. */
export interface FetchHandler {
  /** Answers `POST /mcp`, `GET /healthz` and `GET /readyz`. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Ends open streams. */
  close(): Promise<void>;
}

/** The whole server as a web-standard `fetch` handler, for hosts that are not Node. Opens no socket, reads no file. */
export function createFetchHandler(options: FetchHandlerOptions): FetchHandler {
  const { server, environment, allowedHosts = LOOPBACK_NAMES, allowedOrigins = LOOPBACK_NAMES } = options;
  const endpoint = mcpEndpoint(server, environment, (error) => options.onError?.(error));

  const route = async (request: Request): Promise<Response> => {
    switch (`${request.method} ${new URL(request.url).pathname}`) {
      case 'GET /healthz':
        return Response.json(ALIVE);
      case 'GET /readyz': {
        const { status, body } = readinessAnswer(environment.ring(), environment.now());
        return Response.json(body, { status });
      }
      case 'POST /mcp':
        return (
          hostHeaderValidationResponse(request, [...allowedHosts]) ??
          originValidationResponse(request, [...allowedOrigins]) ??
          endpoint.fetch(request)
        );
      default:
        return otherwise(request);
    }
  };
  return {
    fetch: (request) => route(request).catch(() => new Response(null, { status: 500 })),
    close: () => endpoint.close(),
  };
}

function otherwise(request: Request): Response {
  const method = { '/mcp': 'POST', '/healthz': 'GET', '/readyz': 'GET' }[new URL(request.url).pathname];
  return method === undefined ? new Response(null, { status: 404 }) : new Response(null, { status: 405, headers: { allow: method } });
}
