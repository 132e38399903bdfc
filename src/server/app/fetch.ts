/**
 * The server as a web-standard `fetch` handler. The handler opens no socket and reads no file. In this file, "the host"
 * is the runtime or framework that calls the handler; `Host` is the request header.
 */
import type { AuthInfo } from '@modelcontextprotocol/server';
import { systemClock } from '../../handle/index.ts';
import { parseDelivered, type Ring, RingError } from '../../keys/index.ts';
import { type CallerClaims, type Environment, type ServerIdentity, type Tool, type Toolset, toolset } from '../../kit/index.ts';
import { authorizationFor } from './authorization/authorization.ts';
import type { AuthorizationOptions } from './authorization/options.ts';
import { ConfigError } from './config-error.ts';
import { corsHeaders, optionsHeaders } from './cors.ts';
import { answerIn, mcpEndpoint, type ServerFactory, toolServer } from './endpoint.ts';
import { ALIVE, readinessAnswer } from './health.ts';
import { LOOPBACK_NAMES } from './loopback.ts';
import { isServedHost, isServedOrigin, isServedProbe, type Names, originsOf, requireNames } from './names.ts';
import { once } from './once.ts';
import {
  CLOSED,
  HOST_REFUSED,
  INTERNAL_ERROR,
  KEYS_UNAVAILABLE,
  METHOD_NOT_ALLOWED,
  NOBODY_CALLS,
  NOT_ACCEPTABLE,
  notFound,
  ORIGIN_REFUSED,
  PROBE_METHOD,
  type Refusal,
  type RefusalReason,
  RING_UNAVAILABLE,
  reasonOfAnswer,
  refusalResponse,
} from './refusals.ts';
import { readBody } from './request/body.ts';
import { contentRefusal } from './request/content.ts';
import { takenBy } from './request/negotiation.ts';
import { plainPath } from './request/path.ts';

/** A key ring: its text, the bytes of its text, or an object that gives the text, as in Cloudflare's Secrets Store. */
export type DeliveredKeys = string | Uint8Array | { get(): string | Promise<string> };

/** A key ring, or a function that takes it from the host's environment. The ring is read at the first request. */
export type Keys<Env> = DeliveredKeys | ((env: Env) => DeliveredKeys | Promise<DeliveredKeys>);

type Served = { readonly tools: readonly Tool[] | Toolset; readonly identity: ServerIdentity } | { readonly server: ServerFactory };
type Kept<Env> = ({ readonly keys: Keys<Env> } & Partial<Omit<Environment, 'ring'>>) | { readonly environment: Environment };

/**
 * The options of a handler. Pass the following:
 *
 * - `tools` with `identity`, or `server`, a factory of servers
 * - `keys`, the text of the key ring, or `environment`, which contains the ring
 *
 * The other options say which requests and callers are served.
 */
export type FetchHandlerOptions<Env = unknown> = Served &
  Kept<Env> & {
    /** The path of the MCP endpoint, with or without slashes at its start and its end. Default: `/mcp`. */
    readonly path?: string;
    /**
     * The hostnames that the header `Host` may have, without ports. `*.example.com` means every name below example.com,
     * and `'any'` means every name. Default: the loopback names.
     */
    readonly allowedHosts?: Names;
    /**
     * The hostnames that the header `Origin` may have. Web pages of these hosts may send requests. A request without an
     * `Origin` is served, because it does not come from a web page. Default: `allowedHosts` if it is a list, otherwise
     * the loopback names.
     */
    readonly allowedOrigins?: readonly string[];
    /** The authorization server whose access tokens the handler requires. */
    readonly authorization?: AuthorizationOptions;
    /**
     * Whether to serve callers whom nobody has identified. If true, a handle opens for anyone who holds it. Default:
     * false.
     */
    readonly allowAnonymous?: boolean;
    /**
     * Gets unexpected errors, errors of the SDK, and the cause if the authorization server cannot be reached. Do not log
     * the messages, which may quote requests, except those of an `IssuerUnavailable` or a `ConfigError`.
     */
    onError?(error: Error): void;
    /** Called when a request is refused before it reaches a tool. The reason is a fixed word that you may log. */
    onRefused?(refused: { readonly status: number; readonly reason: RefusalReason }): void;
  };

/** A caller whom the host has already verified. */
export interface VerifiedCaller {
  readonly caller: CallerClaims & { readonly client?: string; readonly scopes?: readonly string[] };
}

/** A handler. Edge runtimes expect such an object: `export default createFetchHandler(…)`. */
export interface FetchHandler<Env = unknown> {
  /** The path of the MCP endpoint, without a slash at its end. */
  readonly path: string;
  /**
   * Serves MCP at its path, and `GET /healthz` and `GET /readyz`. The promise never rejects.
   *
   * @param given the host's environment, for the function `keys`; or a caller whom the host has verified
   */
  fetch(request: Request, given?: Env | VerifiedCaller, context?: unknown): Promise<Response>;
  /** Ends the open streams. Later calls get 503. */
  close(): Promise<void>;
}

/**
 * Makes a handler. The handler reads the ring at the first request, and the metadata of the authorization server at the
 * first request with an access token.
 *
 * @throws {ConfigError} `invalid_configuration`: a name in `allowedHosts` or `allowedOrigins` can match no hostname,
 *   `path` is not a path, or an option of `authorization` is wrong
 *
 * @example
 * ```ts
 * import type { Tool } from 'waxseal';
 * import { createFetchHandler } from 'waxseal/fetch';
 *
 * const handlerFor = (tools: readonly Tool[]) =>
 *   createFetchHandler({
 *     tools,
 *     identity: { name: 'orders', version: '1.0.0' },
 *     keys: (env: { WAXSEAL_KEYS: string }) => env.WAXSEAL_KEYS,
 *     allowedHosts: ['mcp.example.com'],
 *     authorization: { issuer: 'https://login.example.com/', audience: 'https://mcp.example.com/mcp' },
 *   });
 * ```
 */
export function createFetchHandler<Env = unknown>(options: FetchHandlerOptions<Env>): FetchHandler<Env> {
  const path = requirePath(options.path ?? '/mcp');
  const allowedHosts = requireNames(options.allowedHosts ?? LOOPBACK_NAMES, 'allowedHosts');
  const allowedOrigins = requireNames(originsOf({ ...options, allowedHosts }), 'allowedOrigins');
  const serverFactory = 'server' in options ? options.server : toolServer(toolsetOf(options.tools), options.identity);
  const environmentOf = once(async (env: Env) => readEnvironment(options, env));
  const tell = (error: unknown): undefined => {
    options.onError?.(error as Error);
  };
  const endpointOf = once(async (env: Env) => mcpEndpoint(serverFactory, await environmentOf(env), tell));
  const authorization = options.authorization === undefined ? undefined : authorizationFor(options.authorization, tell);
  let [isClosed, close] = [false, async () => {}];

  const logged = (status: number, reason: RefusalReason) => options.onRefused?.({ status, reason });
  const refuse = (refusal: Refusal) => {
    logged(refusal.status, refusal.reason);
    return refusalResponse(refusal);
  };

  const readiness = async (env: Env) => {
    const environment = await environmentOf(env).catch(tell);
    if (environment === undefined) return refuse(RING_UNAVAILABLE);
    const { status, body } = readinessAnswer(environment.ring(), environment.now());
    return Response.json(body, { status });
  };

  /** Returns the caller, null for an allowed anonymous caller, or a response that refuses the request. */
  const callerOf = async (request: Request, given: unknown): Promise<AuthInfo | null | Response> => {
    if (isVerified(given)) return given.caller ? authInfoOf(given) : refuse(NOBODY_CALLS);
    if (authorization !== undefined) {
      let reason: RefusalReason = 'malformed';
      const verdict = await authorization.judge(request, (told) => {
        reason = told;
      });
      if (!('token' in verdict)) logged(verdict.status, reason);
      return verdict;
    }
    return options.allowAnonymous === true ? null : refuse(NOBODY_CALLS);
  };

  const mcp = async (request: Request, given: Env | VerifiedCaller | undefined): Promise<Response> => {
    const { headers, method } = request;
    if (method === 'OPTIONS') {
      const allowed = optionsHeaders('POST', headers.get('origin'), headers.get('access-control-request-headers'));
      return new Response(null, { status: 204, headers: allowed });
    }
    if (method !== 'POST') return refuse(METHOD_NOT_ALLOWED);
    const caller = await callerOf(request, given);
    if (caller !== null && !('token' in caller)) return caller;
    const taken = takenBy(headers.get('accept'));
    const refusal = contentRefusal((name) => headers.get(name)) ?? (taken.json || taken.stream ? undefined : NOT_ACCEPTABLE);
    if (refusal !== undefined) return refuse(refusal);
    const body = await readBody(request);
    if ('reason' in body) return refuse(body);
    if (isClosed) return refuse(CLOSED);
    const endpoint = await endpointOf(given as Env).catch(tell);
    if (endpoint === undefined) return refuse(RING_UNAVAILABLE);
    close = () => endpoint.close();
    const answer = await answerIn(taken, endpoint, request, { ...body, ...(caller && { authInfo: caller }) });
    if (answer.status >= 400) logged(answer.status, reasonOfAnswer(answer.status));
    return answer;
  };

  const route = async (request: Request, given: Env | VerifiedCaller | undefined): Promise<Response> => {
    const url = new URL(request.url);
    const asked = plainPath(url.pathname);
    const host = request.headers.get('host') ?? url.host;
    const isProbe = asked === '/healthz' || asked === '/readyz';
    if (!(isProbe ? isServedProbe : isServedHost)(host, allowedHosts)) return refuse(HOST_REFUSED);
    if (asked === path) {
      const origin = request.headers.get('origin');
      if (!isServedOrigin(origin, allowedOrigins)) return refuse(ORIGIN_REFUSED);
      return withHeaders(await mcp(request, given), corsHeaders(origin));
    }
    if (isProbe) return probe(request, refuse, () => (asked === '/healthz' ? Response.json(ALIVE) : readiness(given as Env)));
    if (asked.startsWith('/.well-known/') && authorization !== undefined) {
      const document = await authorization.discovery(request, (reason) => logged(KEYS_UNAVAILABLE.status, reason));
      return document ?? refuse(notFound(path));
    }
    return refuse(notFound(path));
  };

  return {
    path,
    fetch: (request, given) =>
      route(request, given).catch((error) => {
        tell(error);
        return refuse(INTERNAL_ERROR);
      }),
    close: () => {
      isClosed = true;
      return close();
    },
  };
}

function toolsetOf(tools: readonly Tool[] | Toolset): Toolset {
  return 'byName' in tools ? tools : toolset(tools);
}

/** Frameworks have patterns of paths, such as `/api/:name`. No request has such a path. */
function requirePath(path: string): string {
  const plain = plainPath(path);
  const isPath = /^[^\s:?#*{}[\]()]*$/.test(path) && new URL(plain, 'http://localhost').pathname === plain;
  const isOther = plain === '/healthz' || plain === '/readyz' || plain.startsWith('/.well-known/');
  if (isPath && !isOther) return plain;
  const why = isOther ? 'which serves something else' : 'which no request can have';
  throw new ConfigError(`path must be the path of a URL, such as /mcp, and not ${JSON.stringify(path)}, ${why}.`);
}

async function readEnvironment<Env>(options: Kept<Env>, env: Env): Promise<Environment> {
  if ('environment' in options) return options.environment;
  const { keys, now = systemClock, audience, notBefore, maxLength, handleIn, onCall } = options;
  const text = await textOf(typeof keys === 'function' ? await keys(env) : keys);
  // Despite the type of `keys`, the text is undefined if the host's variable is not set.
  if (typeof text !== 'string')
    throw new RingError('The option keys gave no text. Set the variable that holds the key ring, such as WAXSEAL_KEYS.');
  const ring: Ring = await parseDelivered(text);
  return { ring: () => ring, now, audience, notBefore, maxLength, handleIn, ...(onCall && { onCall }) };
}

/** The result need not be a text, because JavaScript does not check types. */
async function textOf(keys: DeliveredKeys): Promise<unknown> {
  if (keys instanceof Uint8Array) return new TextDecoder().decode(keys);
  return typeof keys === 'object' && keys !== null && typeof keys.get === 'function' ? keys.get() : keys;
}

function isVerified(given: unknown): given is VerifiedCaller {
  return typeof given === 'object' && given !== null && Object.hasOwn(given, 'caller');
}

/** @throws {TypeError} the caller has no issuer or no subject */
function authInfoOf({ caller }: VerifiedCaller): AuthInfo {
  const { issuer, subject, client, scopes = [] } = caller as Partial<VerifiedCaller['caller']>;
  if (typeof issuer !== 'string' || typeof subject !== 'string' || issuer === '' || subject === '') {
    throw new TypeError('fetch: a caller is { issuer, subject }, and both must be strings that are not empty');
  }
  return { token: '', clientId: client ?? subject, scopes: [...scopes], extra: { issuer, subject } };
}

async function probe(
  { method }: Request,
  refuse: (refusal: Refusal) => Response,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  if (method === 'OPTIONS') return new Response(null, { status: 204, headers: optionsHeaders('GET, HEAD') });
  if (method !== 'GET' && method !== 'HEAD') return refuse(PROBE_METHOD);
  const { status, headers, body } = await answer();
  return new Response(method === 'HEAD' ? null : body, { status, headers });
}

/** Copies the response, because its headers may be immutable. */
function withHeaders(answer: Response, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(more)) if (!headers.has(name)) headers.set(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}
