/** The whole server as a web-standard `fetch` handler, for hosts that are not Node. Opens no socket, reads no file, does nothing when it is made. */
import { type AuthInfo, readRequestBody } from '@modelcontextprotocol/server';
import { systemClock } from '../../handle/index.ts';
import { parseDelivered, type Ring } from '../../keys/index.ts';
import { type CallerClaims, type Environment, type ServerIdentity, type Tool, type Toolset, toolset } from '../../kit/index.ts';
import { type AuthorizationOptions, prepareAuthorization } from './authorization/authorization.ts';
import { contentRefusal } from './content.ts';
import { corsHeaders, optionsHeaders } from './cors.ts';
import { answerIn, mcpEndpoint, type ServerFactory, toolServer } from './endpoint.ts';
import { ALIVE, readinessAnswer } from './health.ts';
import { LOOPBACK_NAMES } from './loopback.ts';
import { isServedHost, isServedOrigin, isServedProbe, type Names, requireNames } from './names.ts';
import { takenBy } from './negotiation.ts';
import { once } from './once.ts';
import {
  BODY_LIMIT,
  BODY_TAKEN,
  HOST_REFUSED,
  INTERNAL_ERROR,
  KEYS_UNAVAILABLE,
  METHOD_NOT_ALLOWED,
  NOBODY_CALLS,
  NOT_ACCEPTABLE,
  notFound,
  ORIGIN_REFUSED,
  type Refusal,
  type RefusalReason,
  RING_UNAVAILABLE,
  reasonOfAnswer,
  refusalOf,
  refusalResponse,
} from './refusals.ts';

/** A ring's text, or where it is had of the host's environment. Read and parsed on the first request. */
export type Keys<Env> = string | ((env: Env) => string | Promise<string>);

type Served = { readonly tools: readonly Tool[] | Toolset; readonly identity: ServerIdentity } | { readonly server: ServerFactory };
type Kept<Env> = ({ readonly keys: Keys<Env> } & Partial<Omit<Environment, 'ring'>>) | { readonly environment: Environment };

/** What is served (tools, or a factory of servers), with which ring (its text, or an environment that has one), and to whom. */
export type FetchHandlerOptions<Env = unknown> = Served &
  Kept<Env> & {
    /** Where MCP is, with a slash at its end or without. Default: `/mcp`. */
    readonly path?: string;
    /** Hostnames that clients reach this server by, without ports; `*.example.com` for all below one, or `'any'`. Default: this machine's own. */
    readonly allowedHosts?: Names;
    /** Hostnames of web pages that may call it. Default: this machine's own. Requests without `Origin` are not from web pages. */
    readonly allowedOrigins?: readonly string[];
    /** Whose access tokens are asked for. */
    readonly authorization?: AuthorizationOptions;
    /** Serves callers of whom nobody said who they are: handles then open for whoever holds them. Default: they are refused. */
    readonly allowAnonymous?: boolean;
    /** Told of what went wrong or was refused by the protocol layer. The messages may quote requests: do not log them. */
    onError?(error: Error): void;
    /** Told why a request was refused before any tool. Fixed words: they may be logged. */
    onRefused?(refused: { readonly status: number; readonly reason: RefusalReason }): void;
  };

/** A caller whom the host has verified already. */
export interface VerifiedCaller {
  readonly caller: CallerClaims & { readonly client?: string; readonly scopes?: readonly string[] };
}

/** A server as edge runtimes take it: `export default createFetchHandler(…)`. */
export interface FetchHandler<Env = unknown> {
  /** Where MCP is, without a slash at its end. */
  readonly path: string;
  /**
   * Answers MCP at its path, and `GET /healthz` and `GET /readyz`. Never rejects.
   *
   * @param given the host's environment, for `keys`; or the caller, where the host has judged already
   */
  fetch(request: Request, given?: Env | VerifiedCaller, context?: unknown): Promise<Response>;
  /** Ends open streams. */
  close(): Promise<void>;
}

/** @throws {ConfigError} where a name in `allowedHosts` or `allowedOrigins` can match nothing */
export function createFetchHandler<Env = unknown>(options: FetchHandlerOptions<Env>): FetchHandler<Env> {
  const path = withoutSlash(options.path ?? '/mcp');
  const allowedHosts = requireNames(options.allowedHosts ?? LOOPBACK_NAMES, 'allowedHosts');
  const allowedOrigins = requireNames(originsOf(options), 'allowedOrigins');
  const serverFactory = 'server' in options ? options.server : toolServer(toolsetOf(options.tools), options.identity);
  const environmentOf = once(async (env: Env) => readEnvironment(options, env));
  const tell = (error: unknown): undefined => {
    options.onError?.(error as Error);
  };
  const endpointOf = once(async (env: Env) => mcpEndpoint(serverFactory, await environmentOf(env), tell));
  const authorizationOf = once(async (asked: AuthorizationOptions) => prepareAuthorization(asked));
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

  /** Who calls; null where it is nobody in particular, or the answer that refuses. */
  const callerOf = async (request: Request, given: unknown): Promise<AuthInfo | null | Response> => {
    if (isVerified(given)) return authInfoOf(given);
    if (options.authorization !== undefined) {
      const authorization = await authorizationOf(options.authorization).catch(tell);
      if (authorization === undefined) return refuse(KEYS_UNAVAILABLE);
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
    const body = await bodyOf(request);
    if ('reason' in body) return refuse(body);
    if (isClosed) return refuse(INTERNAL_ERROR);
    const endpoint = await endpointOf(given as Env).catch(tell);
    if (endpoint === undefined) return refuse(RING_UNAVAILABLE);
    close = () => endpoint.close();
    const answer = await answerIn(taken, endpoint, request, { ...body, ...(caller && { authInfo: caller }) });
    if (answer.status >= 400) logged(answer.status, reasonOfAnswer(answer.status));
    return answer;
  };

  const route = async (request: Request, given: Env | VerifiedCaller | undefined): Promise<Response> => {
    const url = new URL(request.url);
    const asked = withoutSlash(url.pathname);
    const host = request.headers.get('host') ?? url.host;
    const isProbe = asked === '/healthz' || asked === '/readyz';
    if (!(isProbe ? isServedProbe : isServedHost)(host, allowedHosts)) return refuse(HOST_REFUSED);
    if (asked === path) {
      const origin = request.headers.get('origin');
      if (!isServedOrigin(origin, allowedOrigins)) return refuse(ORIGIN_REFUSED);
      return withHeaders(await mcp(request, given), corsHeaders(origin));
    }
    if (isProbe) return probe(request, () => (asked === '/healthz' ? Response.json(ALIVE) : readiness(given as Env)));
    if (asked.startsWith('/.well-known/') && options.authorization !== undefined) {
      const authorization = await authorizationOf(options.authorization).catch(tell);
      if (authorization === undefined) return refuse(KEYS_UNAVAILABLE);
      return authorization.discovery(request) ?? refuse(notFound(path));
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

function originsOf({ allowedOrigins, allowedHosts }: { allowedOrigins?: readonly string[]; allowedHosts?: Names }): readonly string[] {
  // Any host is no reason for any web page.
  return allowedOrigins ?? (allowedHosts === undefined || allowedHosts === 'any' ? LOOPBACK_NAMES : allowedHosts);
}

async function readEnvironment<Env>(options: Kept<Env>, env: Env): Promise<Environment> {
  if ('environment' in options) return options.environment;
  const { keys, now = systemClock, audience, notBefore, maxLength, handleIn, onCall } = options;
  const ring: Ring = await parseDelivered(typeof keys === 'function' ? await keys(env) : keys);
  return { ring: () => ring, now, audience, notBefore, maxLength, handleIn, ...(onCall && { onCall }) };
}

function isVerified(given: unknown): given is VerifiedCaller {
  return typeof given === 'object' && given !== null && Object.hasOwn(given, 'caller');
}

/** What is passed on of a caller whom the host has verified. @throws {TypeError} where the host named nobody: then nobody is served */
function authInfoOf({ caller }: VerifiedCaller): AuthInfo {
  const { issuer, subject, client, scopes = [] } = (caller ?? {}) as Partial<VerifiedCaller['caller']>;
  if (typeof issuer !== 'string' || typeof subject !== 'string' || issuer === '' || subject === '') {
    throw new TypeError('fetch: a caller is { issuer, subject }, both texts and not empty');
  }
  return { token: '', clientId: client ?? subject, scopes: [...scopes], extra: { issuer, subject } };
}

async function bodyOf(request: Request): Promise<{ parsedBody: unknown } | Refusal> {
  if (request.bodyUsed) return BODY_TAKEN;
  try {
    const read = await readRequestBody(request, BODY_LIMIT);
    return read.tooLarge ? refusalOf(413) : { parsedBody: JSON.parse(read.text) };
  } catch {
    return refusalOf(400);
  }
}

async function probe({ method }: Request, answer: () => Response | Promise<Response>): Promise<Response> {
  if (method === 'OPTIONS') return new Response(null, { status: 204, headers: optionsHeaders('GET, HEAD') });
  if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
  const { status, headers, body } = await answer();
  return new Response(method === 'HEAD' ? null : body, { status, headers });
}

/** An answer may have headers that cannot be changed. */
function withHeaders(answer: Response, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(more)) if (!headers.has(name)) headers.set(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
