/** The claims of access tokens (RFC 9068), with the deviations from the RFC that authorization servers have. */
import * as z from 'zod';

/** How far the authorization server's clock may differ from this server's clock, in seconds. */
export const CLOCK_TOLERANCE = 60;

/**
 * Why a token is not accepted. Only the log gets the reason. If the reason is the name of a claim, such as `iss`, then
 * this claim is wrong or missing.
 */
export type TokenReason =
  | 'malformed'
  | 'alg'
  | 'key'
  | 'keys_unavailable'
  | 'signature'
  | 'iss'
  | 'aud'
  | 'sub'
  | 'exp'
  | 'nbf'
  | 'cnf'
  | 'type'
  | 'claims';

/** Matches the type of an access token in the header `typ`, and in the claim `typ` of some authorization servers. */
const JWT_TYPE = /^(?:application\/)?(?:at\+)?jwt$/i;

/** Matches the types that only an access token has. Keycloak writes "Bearer" into the claim, and others the last three. */
const ACCESS_TYPE = /^(?:(?:application\/)?at\+jwt|bearer|at|access|access_token)$/i;

const typed = z.union([z.string().regex(JWT_TYPE), z.string().regex(ACCESS_TYPE)]).nullish();

/** The purpose of a token. A text must name an access token. */
const purpose = z.union([z.string().regex(ACCESS_TYPE), z.unknown().refine((value) => typeof value !== 'string')]).optional();

/** A claim that access tokens must not have. */
const absent = z.null().optional();

/** A claim that only names the client. Another type than text counts as absent. */
const name = z.string().min(1).optional().catch(undefined);

/** The claims, and the header `typ` as `header`. In all claims that may be missing, null counts as missing. */
const Claims = z.object({
  // Some authorization servers omit the header `typ`. A token of another type is refused (RFC 8725 §3.11).
  header: typed,
  // Keycloak writes the purpose of a token into the claim `typ` ("Bearer", "ID", "Refresh", "Logout"). Cognito uses the
  // claim `token_use` ("access", "id").
  typ: typed,
  token_use: z
    .string()
    .regex(/^access$/i)
    .nullish(),
  // Some authorization servers name the purpose of a token in these claims, for example "refresh" or "id_token".
  token_type: purpose,
  use: purpose,
  // A number is no subject (RFC 7519 §4.1.2): the user 5 and the client "5" would be one caller.
  sub: z.string().min(1),
  exp: z.number(),
  nbf: z.number().nullish(),
  aud: z.unknown().optional(),
  client_id: name,
  azp: name,
  scope: z.unknown().optional(),
  scp: z.unknown().optional(),
  // `cnf` binds a token to a key of the caller (RFC 7800). This server cannot check the key, so it refuses the token.
  cnf: absent,
  // Only security event tokens (RFC 8417), such as logout tokens, have this claim.
  events: absent,
});

/** The claims of ID tokens (OpenID Connect Core §2 and §3.3.2.11, FAPI 1.0). ID tokens are for clients. */
const OfIdTokens = z.object({ nonce: absent, at_hash: absent, c_hash: absent, s_hash: absent });

export type AccessClaims = z.output<typeof Claims>;

/**
 * Tells at once whether a token is from another issuer or has expired. If so, no keys are needed to refuse it. The
 * answer "undefined" says nothing about the token, because its signature is not yet verified.
 */
export function reasonAtOnce({ iss, exp }: Readonly<Record<string, unknown>>, issuer: string, now: number): TokenReason | undefined {
  if (iss !== issuer) return 'iss';
  return typeof exp === 'number' && exp + CLOCK_TOLERANCE <= now ? 'exp' : undefined;
}

/** Reads the claims of a token whose signature is right. @returns the claims, or the reason for refusing the token */
export function readClaims(
  payload: Readonly<Record<string, unknown>>,
  header: unknown,
  issuer: string,
  now: number,
): AccessClaims | TokenReason {
  const early = reasonAtOnce(payload, issuer, now);
  if (early !== undefined) return early;
  const { data, error } = Claims.safeParse({ ...payload, header });
  if (data === undefined) return reasonOfClaim(error?.issues[0]?.path[0]);
  if ((data.nbf ?? 0) > now + CLOCK_TOLERANCE) return 'nbf';
  // Keycloak before version 25 writes a nonce also into access tokens.
  const isAccessToken = typeof data.token_use === 'string' || [data.header, data.typ].some((type) => ACCESS_TYPE.test(type ?? ''));
  return isAccessToken || OfIdTokens.safeParse(payload).success ? data : 'type';
}

/** The claims that show the type of a token. `header` stands for the header `typ`. */
const OF_TYPE: readonly unknown[] = ['header', 'typ', 'token_use', 'token_type', 'use', 'events'];

function reasonOfClaim(claim: unknown): TokenReason {
  if (claim === 'sub' || claim === 'cnf') return claim;
  return OF_TYPE.includes(claim) ? 'type' : 'claims';
}
