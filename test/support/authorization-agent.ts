/** Acts as user and client without a browser: follows an authorization server's redirects, and keeps cookies. */
import { createHash, randomBytes } from 'node:crypto';

/** The cookie that says which account signs in. */
export const ACCOUNT = 'account';

/** The redirect URI. No server listens there: the agent only reads the redirect's parameters. */
export const REDIRECT_URI = 'https://client.invalid/callback';

/** The answer of the token endpoint. */
export interface AgentTokens {
  readonly access_token: string;
  readonly id_token?: string;
}

/** Authorizes a client as an account. @returns the parameters of the redirect to the client */
export async function authorize(authorizationUrl: URL, account: string, redirectUri = REDIRECT_URI): Promise<URLSearchParams> {
  const cookies = new Map([[ACCOUNT, account]]);
  let next = authorizationUrl;
  for (let hops = 0; hops < 10; hops += 1) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(next, { headers: { cookie }, redirect: 'manual' });
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${next.pathname} answered ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    next = new URL(location, next);
    if (next.href.startsWith(redirectUri)) return next.searchParams;
  }
  throw new Error('the authorization server redirects for ever');
}

function keep(cookies: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (value === '') cookies.delete(name);
  else cookies.set(name, value);
}

/** Registers a client, and signs an account in by authorization code with PKCE. @returns the tokens */
export async function signIn(
  issuer: string,
  { account, resource, scope }: { account: string; resource: string; scope: string },
): Promise<AgentTokens> {
  const metadata = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] };
  const { client_id } = await posted<{ client_id: string }>(`${issuer}/reg`, JSON.stringify(metadata), 'application/json');
  const verifier = randomBytes(32).toString('base64url');
  const asked = {
    client_id,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope,
    resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  const back = await authorize(new URL(`${issuer}/auth?${new URLSearchParams(asked)}`), account);
  const code = back.get('code');
  if (code === null) throw new Error(`authorization was refused: ${back}`);
  const grant = { grant_type: 'authorization_code', code, client_id, redirect_uri: REDIRECT_URI, code_verifier: verifier, resource };
  return posted(`${issuer}/token`, new URLSearchParams(grant).toString(), 'application/x-www-form-urlencoded');
}

async function posted<T>(url: string, body: string, type: string): Promise<T> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
