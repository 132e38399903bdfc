/** Fetches documents of an authorization server, and says why a fetch failed. */

/**
 * The authorization server's metadata or keys are not available now, so nobody knows whether a token is valid. The
 * message has the URL and the cause, and no part of a request.
 */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/**
 * Fetches a document. A redirect is not followed, because the URL is exact.
 *
 * @param timeout the longest time to wait, in milliseconds
 * @returns the status, and the document; undefined in place of a document that is not JSON
 * @throws {IssuerUnavailable} no whole response arrived
 */
export async function documentAt(url: string, timeout: number): Promise<{ readonly status: number; readonly document: unknown }> {
  try {
    const headers = { accept: 'application/json, application/jwk-set+json' };
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(timeout) });
    return { status: response.status, document: jsonIn(await response.text()) };
  } catch (error) {
    throw new IssuerUnavailable(`${url}: ${causeOf(error, timeout)}`);
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Says why `fetch` failed. Runtimes put the code into the error, or into one of its causes. */
function causeOf(error: unknown, timeout: number): string {
  if ((error as Error).name === 'TimeoutError') return `no response within ${timeout / 1000} s`;
  let [code, inner] = ['', error as { code?: unknown; cause?: unknown } | undefined];
  for (let depth = 0; depth < 5 && inner !== undefined && inner !== null; depth += 1) {
    if (typeof inner.code === 'string') code = inner.code;
    inner = inner.cause as typeof inner;
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return `the certificate is not trusted here (${code}). To trust another authority, name a file with its certificate in NODE_EXTRA_CA_CERTS`;
  return code === '' ? 'no response' : `no response (${code})`;
}
