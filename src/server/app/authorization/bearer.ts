/** Finds the access token in the header `Authorization` (RFC 6750 §2.1). */

/** Matches the scheme. Some clients write it twice, because the user's setting already contains it, or add a colon. */
const SCHEME = /^(?:Bearer(?:\s*:\s*|\s+|$))+/i;

const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** Matches what a client sends if it has no token: nothing, a missing value, or a variable that nothing replaced. */
const NO_TOKEN = /^(?:|undefined|null|none|\$.*|\{\{.*|<.*)$/i;

/**
 * Returns the token of a header. Some clients and proxies send the header twice, and HTTP then joins both values by a
 * comma (RFC 9110 §5.3); two equal values count as one.
 *
 * @returns null if the header has no token; undefined if it has something else than one token
 */
export function bearerToken(header: string | null): string | null | undefined {
  const values = new Set((header ?? '').split(',').map((value) => value.trim()));
  values.delete('');
  const [value = '', ...others] = values;
  if (others.length > 0) return undefined;
  const scheme = SCHEME.exec(value)?.[0];
  if (scheme === undefined) return value === '' || /^Basic(?:\s|$)/i.test(value) ? null : undefined;
  const credentials = value.slice(scheme.length).replace(/^(["'])(.*)\1$/, '$2');
  if (NO_TOKEN.test(credentials)) return null;
  return TOKEN.test(credentials) ? credentials : undefined;
}
