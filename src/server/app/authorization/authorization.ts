/**
 * Makes this server an OAuth 2.1 resource server (MCP 2026-07-28, basic/authorization). The server accepts only tokens
 * that one configured authorization server issued for it. No value in a token can change which tokens are accepted.
 */
import {
  type AuthInfo,
  bearerAuthChallengeResponse,
  getOAuthProtectedResourceMetadataUrl,
  OAuthError,
  OAuthErrorCode,
  type OAuthMetadata,
  oauthMetadataResponse,
} from '@modelcontextprotocol/server';
import { isLoopbackUrl } from '../loopback.ts';
import { KEYS_UNAVAILABLE, type RefusalReason, refusalResponse } from '../refusals.ts';
import { verifyAccessToken } from './access-token.ts';
import { normalAudience } from './audiences.ts';
import { bearerToken } from './bearer.ts';
import { type Issuer, issuerNamed } from './issuer.ts';
import { IssuerUnavailable } from './issuer-document.ts';
import { isPauseOver, within } from './kept.ts';
import { type AuthorizationOptions, requireOptions, resourceOf } from './options.ts';

/** Checks access tokens, and serves the metadata for clients. */
export interface Authorization {
  /**
   * Finds the caller of a request.
   *
   * @param onRefused gets the reason for a refusal, for the log
   * @returns the caller, or a response that refuses the request: 401 or 403 with a challenge (RFC 6750 §3, RFC 9728
   *   §5.1), or 503 if the authorization server's keys are not available
   */
  judge(request: Pick<Request, 'headers'>, onRefused?: OnRefused): Promise<AuthInfo | Response>;
  /**
   * Returns the metadata document that a request asks for (RFC 9728 §3, RFC 8414 §3), or undefined. Returns 503 in place
   * of the authorization server's own document if it is not available.
   *
   * @param onRefused gets the reason for a 503, for the log
   */
  discovery(request: Request, onRefused?: OnRefused): Promise<Response | undefined>;
}

type OnRefused = (reason: RefusalReason) => void;

/** Called with the cause if the authorization server cannot be asked, at most once in five seconds. */
export type OnProblem = (problem: Error) => void;

/**
 * The longest time for which a request waits for the authorization server, in milliseconds. The time is short, because
 * a waiting request counts among the requests in hand, and too many of these are an overload.
 */
const REQUEST_MS = 2_000;

/** The longest time for which the start of a server waits for the metadata, in milliseconds. */
const START_MS = 5_000;

/**
 * Checks the options, and fetches the metadata of the authorization server. If the authorization server cannot be
 * reached, requests get them later. The keys are fetched when a token needs them.
 *
 * @throws {ConfigError} `invalid_configuration`: an option is wrong, or the authorization server answers, and has no
 *   metadata of this issuer
 */
export async function prepareAuthorization(given: AuthorizationOptions, onProblem: OnProblem = () => {}): Promise<Authorization> {
  const options = requireOptions(given);
  const tell = seldom(onProblem);
  let isStarted = false;
  // Wrong metadata end the start with an error, and need no other report.
  const issuer = issuerNamed(options.issuer, (problem) => {
    if (isStarted || problem instanceof IssuerUnavailable) tell(problem);
  });
  await within(START_MS, issuer.metadata(), () => notYet(options.issuer, START_MS)).catch((error) => {
    if (!(error instanceof IssuerUnavailable)) throw error;
    tell(error);
  });
  isStarted = true;
  return authorizationBy(issuer, options, tell);
}

/**
 * Checks the options. The metadata and the keys of the authorization server are fetched when a request needs them.
 *
 * @throws {ConfigError} `invalid_configuration`: an option is wrong
 */
export function authorizationFor(given: AuthorizationOptions, onProblem: OnProblem): Authorization {
  const options = requireOptions(given);
  const tell = seldom(onProblem);
  return authorizationBy(issuerNamed(options.issuer, tell), options, tell);
}

/** Many requests can notice one outage, and the log needs its cause only now and then. */
function seldom(tell: OnProblem): OnProblem {
  let toldAt: number | undefined;
  return (problem) => {
    if (!isPauseOver(toldAt)) return;
    toldAt = Date.now();
    tell(problem);
  };
}

function notYet(issuer: string, ms: number): IssuerUnavailable {
  return new IssuerUnavailable(`The authorization server ${issuer} has not answered within ${ms / 1000} s.`);
}

function authorizationBy(issuer: Issuer, options: AuthorizationOptions, tell: OnProblem): Authorization {
  const { scopes = [] } = options;
  const named = [options.audience].flat();
  const resource = resourceOf(options);
  const audiences = new Set([...named, ...(resource === undefined ? [] : [resource.href])].map(normalAudience));
  const pinned = { issuer: options.issuer, audiences, acceptClientId: options.acceptClientId === true };
  const resourceMetadataUrl = resource && getOAuthProtectedResourceMetadataUrl(resource);
  const challenge = { requiredScopes: [...scopes], ...(resourceMetadataUrl && { resourceMetadataUrl }) };
  const refuse = (code: OAuthErrorCode, message: string) => bearerAuthChallengeResponse(new OAuthError(code, message), challenge);
  const isMet = (scope: string, granted: readonly string[]) => spellingsOf(scope, named).some((spelling) => granted.includes(spelling));

  const unavailable = (onRefused: OnRefused) => {
    onRefused('keys_unavailable');
    return refusalResponse(KEYS_UNAVAILABLE);
  };
  const inTime = <Value>(promise: Promise<Value>) =>
    within(REQUEST_MS, promise, () => {
      const problem = notYet(options.issuer, REQUEST_MS);
      tell(problem);
      return problem;
    });

  return {
    judge: async ({ headers }, onRefused = () => {}) => {
      const token = bearerToken(headers.get('authorization'));
      if (token === null) {
        onRefused('token_missing');
        return withoutError(refuse(OAuthErrorCode.InvalidToken, NO_TOKEN));
      }
      const verdict =
        token === undefined ? 'malformed' : await inTime(verifyAccessToken(token, pinned, issuer)).catch(() => 'keys_unavailable' as const);
      if (verdict === 'keys_unavailable') return unavailable(onRefused);
      if (typeof verdict === 'string') {
        onRefused(verdict);
        // Every cause gets the same response, so that the response reveals nothing about the token.
        return refuse(OAuthErrorCode.InvalidToken, 'The access token is not valid here');
      }
      if (!scopes.every((scope) => isMet(scope, verdict.scopes))) {
        onRefused('scope');
        return refuse(OAuthErrorCode.InsufficientScope, 'Insufficient scope');
      }
      // The SDK needs this URL for its challenge to a caller who lacks a scope that a tool demands.
      return { ...verdict, ...(resourceMetadataUrl && { resourceMetadataUrl }) };
    },
    discovery: async (request, onRefused = () => {}) => {
      if (resource === undefined) return undefined;
      const { pathname } = new URL(request.url);
      const isOfIssuer = pathname.replace(/\/$/, '') === ISSUER_METADATA;
      const metadata = isOfIssuer ? await inTime(issuer.metadata()).catch(() => undefined) : { issuer: options.issuer };
      return metadata === undefined ? unavailable(onRefused) : discovery(request, resource, metadata, scopes);
    },
  };
}

const NO_TOKEN = 'No access token was sent. Expected is the header Authorization: Bearer TOKEN';

/**
 * Leaves the error out of a challenge (RFC 6750 §3.1), because a client that has sent no token has made no mistake.
 *
 * @param refusal a response of the SDK, which begins its challenges with the error
 */
function withoutError({ status, headers, body }: Response): Response {
  const challenge = headers.get('www-authenticate') ?? '';
  const rest = challenge.replace(/^Bearer error="[^"]*", error_description="[^"]*"(?:, )?/, 'Bearer ').trim();
  return new Response(body, { status, headers: { 'content-type': 'application/json', 'www-authenticate': rest } });
}

/**
 * Returns a demanded scope in all its spellings. Entra ID demands that clients ask for a scope together with its
 * audience (`api://waxseal/research`), and writes only the name into tokens.
 */
function spellingsOf(scope: string, audiences: readonly string[]): string[] {
  const prefixes = audiences.map((audience) => audience.replace(/\/?$/, '/'));
  const short = prefixes.flatMap((prefix) => (scope.startsWith(prefix) && scope !== prefix ? [scope.slice(prefix.length)] : []));
  return [scope, ...short];
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';
const ISSUER_METADATA = '/.well-known/oauth-authorization-server';

function discovery(
  request: Request,
  resource: URL,
  metadata: { readonly issuer: string },
  scopes: readonly string[],
): Response | undefined {
  // The metadata's URL contains the resource's path (RFC 9728 §3.1). A client that does not know this path requests the
  // metadata at the URL without the path.
  const url = new URL(request.url);
  const isBare = url.pathname.replace(/\/$/, '') === RESOURCE_METADATA;
  const asked = isBare ? new Request(getOAuthProtectedResourceMetadataUrl(resource), request) : request;
  return oauthMetadataResponse(asked, {
    oauthMetadata: metadata as unknown as OAuthMetadata,
    resourceServerUrl: resource,
    resourceName: 'Waxseal',
    ...(scopes.length > 0 && { scopesSupported: [...scopes] }),
    dangerouslyAllowInsecureIssuerUrl: isLoopbackUrl(new URL(metadata.issuer)),
  });
}
