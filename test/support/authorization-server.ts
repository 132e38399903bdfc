/** A real OAuth 2.1 authorization server. Its users sign in without a browser. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { systemClock } from '../../src/server/index.ts';
import { ACCOUNT, type AgentTokens, signIn } from './authorization-agent.ts';

/** The scopes, for every resource. */
export const SCOPES = ['research', 'publish'];

export interface Asked {
  /** The resource that the access token is for (RFC 8707). */
  readonly resource: string;
  readonly scope?: string;
}

/** A running authorization server. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly port: number;
  /** Private keys, for tokens that the server would not issue. */
  readonly keys: readonly PrivateKey[];
  /** The paths of the received requests, in order. */
  readonly paths: readonly string[];
  /** Registers a client, and signs an account in by authorization code and PKCE. */
  signIn(account: string, asked: Asked): Promise<AgentTokens>;
  /** Signs an account in, and returns only the access token. */
  tokenFor(account: string, asked: Asked): Promise<string>;
  /** Gets an access token for a program, by client credentials. */
  tokenForService(asked: Asked): Promise<string>;
  /** Signs a token with the server's key. Claims that are not given have valid values. */
  mint(claims: Claims, header?: Partial<JWTHeaderParameters>): Promise<string>;
  stop(): Promise<void>;
}

/** Any claims, right or wrong. A claim that is `undefined` is left out. */
export type Claims = Readonly<Record<string, unknown>>;

export interface PrivateKey extends JWK {
  readonly kid: string;
  readonly alg: string;
}

export async function generateSigningKey(alg: 'RS256' | 'ES256', kid: string): Promise<PrivateKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

export interface AuthorizationServerOptions {
  /** The signing keys. Default: one for RS256, which signs access tokens, and one for ES256. */
  readonly keys?: readonly PrivateKey[];
  /** The port. Default: a free one. A server on the port of an earlier server has the same issuer as that server. */
  readonly port?: number;
}

/** Starts an authorization server on loopback. */
export async function startAuthorizationServer(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const keys = options.keys ?? (await Promise.all([generateSigningKey('RS256', 'rs-1'), generateSigningKey('ES256', 'es-1')]));
  const service = { client_id: 'nightly', client_secret: randomBytes(24).toString('hex') };
  const paths: string[] = [];
  let provider: Provider | undefined;
  const http = createServer((request, response) => {
    // Closes every connection. An open one would break when the next server takes this port.
    response.setHeader('connection', 'close');
    if (provider === undefined) return response.writeHead(503).end();
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    paths.push(pathname);
    if (pathname.startsWith('/interaction/')) return interact(provider, request, response).catch(() => response.writeHead(500).end());
    return provider.callback()(request, response);
  });
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  provider = new Provider(issuer, configuration(keys, service));

  const agentOf = (account: string, { resource, scope = 'openid research' }: Asked) => signIn(issuer, { account, resource, scope });
  return {
    issuer,
    port,
    keys,
    paths,
    signIn: agentOf,
    tokenFor: async (account, asked) => (await agentOf(account, asked)).access_token,
    tokenForService: ({ resource, scope = 'research' }) => clientCredentials(issuer, { ...service, resource, scope }),
    mint: (claims, header) => mint(issuer, keys, claims, header),
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

function configuration(keys: readonly PrivateKey[], service: { client_id: string; client_secret: string }): Configuration {
  return {
    jwks: { keys: [...keys] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    clients: [{ ...service, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    scopes: ['openid', ...SCOPES],
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          audience: resource,
          scope: SCOPES.join(' '),
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: keys[0]?.alg as 'RS256' } },
        }),
        // A client may name the resource in the authorization request, and omit it from the token request.
        useGrantedResource: () => true,
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    clientDefaults: { id_token_signed_response_alg: keys[0]?.alg as 'RS256' },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    pkce: { required: () => true },
    ttl: { Interaction: 300, Session: 300, Grant: 300, IdToken: 300, AccessToken: 300, ClientCredentials: 300, RefreshToken: 300 },
  };
}

/** Stands in for the user: signs in as the account of the cookie, and consents to everything. */
async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const accountId = new RegExp(`${ACCOUNT}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
    if (accountId === undefined) throw new Error('the request has no cookie with an account');
    return provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) });
  const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details as {
    missingOIDCScope?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes)) grant.addResourceScope(resource, scopes.join(' '));
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
}

async function clientCredentials(issuer: string, asked: Record<string, string>): Promise<string> {
  const { client_id, client_secret, ...rest } = asked;
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...rest }),
  });
  if (!response.ok) throw new Error(`the token endpoint answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as AgentTokens).access_token;
}

async function mint(
  issuer: string,
  keys: readonly PrivateKey[],
  claims: Claims,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const key = keys.find(({ alg }) => alg === (header.alg ?? keys[0]?.alg)) as PrivateKey;
  const now = systemClock();
  const defaults = { iss: issuer, sub: 'alice', iat: now, exp: now + 300, scope: 'research', client_id: 'minted', jti: 'minted' };
  return new SignJWT({ ...defaults, ...claims }).setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header }).sign(key);
}
