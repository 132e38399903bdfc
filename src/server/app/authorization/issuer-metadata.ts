/** Reads the metadata of an authorization server (RFC 8414, OpenID Connect Discovery). */
import * as z from 'zod';
import { ConfigError } from '../config-error.ts';
import { isSecureUrl } from '../loopback.ts';

/** The longest time to wait for each document, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** The members that this server needs. Clients get the other members unchanged. */
const Metadata = z.looseObject({ issuer: z.string(), jwks_uri: z.string().refine(isSecureUrl) });

/** The metadata of an authorization server. */
export type IssuerMetadata = z.output<typeof Metadata>;

/**
 * Fetches the metadata of an issuer. RFC 8414 §3 puts the well-known part before the issuer's path, and OpenID Connect
 * Discovery §4 puts it after the path. The function tries both.
 *
 * @throws {ConfigError} `invalid_configuration`: no URL has usable metadata
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
    `--auth-issuer ${issuer}: found no metadata of this issuer with "jwks_uri". ${problems.join('; ')}. ` +
      'Check that the authorization server runs. The issuer must be spelled exactly as in its tokens, with or without a slash at the end.',
  );
}

/** @returns the metadata, or a text that says what is wrong with the response */
async function metadataAt(url: string, issuer: string): Promise<IssuerMetadata | string> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
  if (response === undefined) return 'no response';
  if (response.status !== 200) return `the response is ${response.status || 'a redirect'}`;
  const document: unknown = await response.json().catch(() => undefined);
  if (typeof document !== 'object' || document === null) return 'the response is not a JSON object';
  const { issuer: named, jwks_uri: keys } = document as Record<string, unknown>;
  if (named === undefined) return '"issuer" is missing';
  // RFC 8414 §3.3 forbids the use of metadata of a different issuer.
  if (named !== issuer) return `"issuer" is different: ${JSON.stringify(named).slice(0, 200)}`;
  if (keys === undefined) return '"jwks_uri" is missing';
  const { success, data } = Metadata.safeParse(document);
  return success ? data : '"jwks_uri" is not an https URL (http only on this machine)';
}
