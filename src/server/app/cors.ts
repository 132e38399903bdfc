/** What a browser is told of who may call and read (the Fetch standard, CORS), and what OPTIONS is answered. */

/** Headers of an answer that a web page may need to read. */
const EXPOSED = 'WWW-Authenticate, Retry-After';

/** How long a browser may keep the answer to its question. Seconds (10 min). */
const MAX_AGE_S = 600;

/** For every answer at the MCP endpoint. @param origin one that is served; absent where the request is from no web page */
export function corsHeaders(origin: string | null | undefined): Record<string, string> {
  const vary = { vary: 'Origin' };
  return origin ? { ...vary, 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED } : vary;
}

/**
 * For the answer to OPTIONS, which is 204: what may be asked here, and, where a browser asks for a page, whether that page may.
 *
 * @param origin one that is served
 * @param headers that the page wants to send
 */
export function optionsHeaders(
  allow: string,
  origin?: string | null | undefined,
  headers?: string | null | undefined,
): Record<string, string> {
  const allowed = { allow: `${allow}, OPTIONS` };
  if (!origin) return allowed;
  return {
    ...allowed,
    ...corsHeaders(origin),
    vary: 'Origin, Access-Control-Request-Headers',
    'access-control-allow-methods': allow,
    'access-control-max-age': String(MAX_AGE_S),
    ...(headers && { 'access-control-allow-headers': headers }),
  };
}
