/** Reads the metadata of an authorization server (RFC 8414, OpenID Connect Discovery). */
import * as z from 'zod';
import { ConfigError } from '../config-error.ts';
import { isSecureUrl } from '../loopback.ts';
import { documentAt, IssuerUnavailable } from './issuer-document.ts';

/** The longest time to wait for each document, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** The members that this server needs. Clients get the other members unchanged. */
const Metadata = z.looseObject({ issuer: z.string(), jwks_uri: z.string().refine(isSecureUrl) });

/** The metadata of an authorization server. */
export type IssuerMetadata = z.output<typeof Metadata>;

/**
 * Fetches the metadata of an issuer. RFC 8414 §3 puts the well-known part before the issuer's path, and OpenID Connect
 * Discovery §4 puts it after the path. The function tries both.
 *
 * @throws {ConfigError} `invalid_configuration`: every URL answered, and none has usable metadata
 * @throws {IssuerUnavailable} no URL has usable metadata, but one of them may have
 */
export async function issuerMetadata(issuer: string): Promise<IssuerMetadata> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  const [wrong, unknown]: [string[], string[]] = [[], []];
  for (const place of new Set(places)) {
    try {
      const found = await metadataAt(place, issuer);
      if (typeof found !== 'string') return found;
      wrong.push(`${place}: ${found}`);
    } catch (error) {
      if (!(error instanceof IssuerUnavailable)) throw error;
      unknown.push(error.message);
    }
  }
  if (unknown.length > 0)
    throw new IssuerUnavailable(
      `The metadata of the authorization server cannot be fetched now. ${unknown.join('; ')}. ` +
        'Until they can, requests with an access token get 503. Check that the authorization server runs, and that this server can reach it.',
    );
  throw new ConfigError(
    `--auth-issuer ${issuer}: found no metadata of this issuer with "jwks_uri". ${wrong.join('; ')}. ` +
      'The issuer must be spelled exactly as in its tokens, with or without a slash at the end.',
  );
}

/**
 * @returns the metadata, or a text that says what is wrong with the response
 * @throws {IssuerUnavailable} the server did not say whether it has metadata here
 */
async function metadataAt(url: string, issuer: string): Promise<IssuerMetadata | string> {
  const { status, document } = await documentAt(url, TIMEOUT_MS);
  if (status >= 500 || status === 408 || status === 429) throw new IssuerUnavailable(`${url}: the response is ${status}`);
  if (status !== 200) return `the response is ${status || 'a redirect'}`;
  if (typeof document !== 'object' || document === null) return 'the response is not a JSON object';
  const { issuer: named, jwks_uri: keys } = document as Record<string, unknown>;
  if (named === undefined) return '"issuer" is missing';
  // RFC 8414 §3.3 forbids the use of metadata of a different issuer.
  if (named !== issuer) return `"issuer" is different: ${JSON.stringify(named).slice(0, 200)}`;
  if (keys === undefined) return '"jwks_uri" is missing';
  const { success, data } = Metadata.safeParse(document);
  return success ? data : '"jwks_uri" is not an https URL (http only on this machine)';
}
