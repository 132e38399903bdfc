/** The CORS headers (Fetch standard, "HTTP CORS protocol") of responses to web pages, and the headers of responses to OPTIONS. */

/** The response headers that a web page may read. */
const EXPOSED = 'WWW-Authenticate, Retry-After';

/** How long a browser may cache the response to a preflight request. Seconds (10 min). */
const MAX_AGE_S = 600;

/**
 * Returns the CORS headers for a response of the MCP endpoint.
 *
 * @param origin an origin that the server serves; absent if no web page sent the request
 */
export function corsHeaders(origin: string | null | undefined): Record<string, string> {
  const vary = { vary: 'Origin' };
  return origin ? { ...vary, 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED } : vary;
}

/**
 * Returns the headers for the response 204 to OPTIONS: the allowed methods, and for a web page the CORS headers.
 *
 * @param allow the allowed methods, separated by commas
 * @param origin an origin that the server serves; absent if no web page sent the request
 * @param headers the request's `Access-Control-Request-Headers`
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
