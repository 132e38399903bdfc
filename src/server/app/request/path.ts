/** Reads the paths of requests. Some clients add a path that begins with a slash to a base URL that ends with one. */

/** Returns a path with single slashes, with a slash at its start, and without a slash at its end. */
export function plainPath(path: string): string {
  const single = withSingleSlashes(path);
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/**
 * Returns the path of a request target (RFC 9112 §3.2), with single slashes. Any target has a path. In contrast, `new
 * URL` takes the start of `//x` for a hostname, and throws for `//`.
 */
export function pathOf(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/);
  return withSingleSlashes(path);
}

function withSingleSlashes(path: string): string {
  return `/${path}`.replace(/\/{2,}/g, '/');
}
