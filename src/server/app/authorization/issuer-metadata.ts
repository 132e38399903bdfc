/** What an authorization server says of itself (RFC 8414, OpenID Connect Discovery). */
import * as z from 'zod';
import { ConfigError } from '../config-error.ts';
import { isSecureUrl } from '../loopback.ts';

/** How long each document is waited for. Milliseconds. */
const TIMEOUT_MS = 10_000;

/** All that is needed of it; whatever else there is goes to clients as it came. */
const Metadata = z.looseObject({ issuer: z.string(), jwks_uri: z.string().refine(isSecureUrl) });

export type IssuerMetadata = z.output<typeof Metadata>;

/**
 * Asks for an issuer's metadata: RFC 8414 §3 puts the well-known part before the issuer's path, OpenID Connect
 * Discovery §4 after it.
 *
 * @throws {ConfigError} where there are none that can be used, saying of each place what is wrong with what is there
 */
export async function issuerMetadata(issuer: string): Promise<IssuerMetadata> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  const problems: string[] = [];
  for (const place of new Set(places)) {
    const found = await metadataAt(place, issuer);
    if (typeof found !== 'string') return found;
    problems.push(`${place}: ${found}`);
  }
  throw new ConfigError(
    `--auth-issuer ${issuer}: no metadata of that issuer, with "jwks_uri". ${problems.join('; ')}. ` +
      'Is the authorization server up, and the issuer written exactly as in its tokens, the slash at the end included?',
  );
}

/** The metadata at a place, or what is wrong with what is there. */
async function metadataAt(url: string, issuer: string): Promise<IssuerMetadata | string> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
  if (response === undefined) return 'no answer';
  if (response.status !== 200) return `the answer is ${response.status || 'a redirection'}`;
  const document: unknown = await response.json().catch(() => undefined);
  if (typeof document !== 'object' || document === null) return 'the answer is no JSON object';
  const { issuer: named, jwks_uri: keys } = document as Record<string, unknown>;
  if (named === undefined) return '"issuer" is missing';
  // RFC 8414 §3.3: metadata that name another issuer must not be used.
  if (named !== issuer) return `"issuer" is another: ${JSON.stringify(named).slice(0, 200)}`;
  if (keys === undefined) return '"jwks_uri" is missing';
  const { success, data } = Metadata.safeParse(document);
  return success ? data : '"jwks_uri" is no https URL (http only on this machine)';
}
