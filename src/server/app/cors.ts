/** Makes CORS headers (Fetch standard, "HTTP CORS protocol"), and headers for responses to OPTIONS. */

import { singleOf } from './request/headers.ts';

/** The response headers that a web page may read. */
const EXPOSED = 'WWW-Authenticate, Retry-After';

/** How long a browser may cache the response to a preflight request, in seconds. */
const MAX_AGE_S = 600;

/**
 * Returns the CORS headers for a response of the MCP endpoint.
 *
 * @param origin the request's `Origin`, if the server serves this origin; absent if the request has no `Origin`
 */
export function corsHeaders(origin: string | null | undefined): Record<string, string> {
  const vary = { vary: 'Origin' };
  return origin ? { ...vary, 'access-control-allow-origin': singleOf(origin), 'access-control-expose-headers': EXPOSED } : vary;
}

/**
 * Returns the headers of the response (204) to an OPTIONS request. Only a web page gets the CORS headers.
 *
 * @param allow the allowed methods, separated by commas
 * @param origin the request's `Origin`, if the server serves this origin; absent if the request has no `Origin`
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
