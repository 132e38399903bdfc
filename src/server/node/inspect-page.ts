/** Reads the inspector page, which opens and verifies handles in the browser. `npm run build` makes the page. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const INSPECTOR_PAGE = new URL('../../inspector/inspector.html', import.meta.url);

/** A page, and the headers of its response. */
export interface InspectorPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads the page, which contains a Content-Security-Policy. A header of the response repeats this policy and adds
 * `frame-ancestors`, because browsers ignore `frame-ancestors` within a page.
 *
 * @throws {Error} the page was not built
 */
export async function readInspectorPage(): Promise<InspectorPage> {
  const html = await readFile(INSPECTOR_PAGE, 'utf8').catch(() => '');
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
  if (policy === undefined) throw new Error(`The inspector page is not at ${fileURLToPath(INSPECTOR_PAGE)}. Make it with: npm run build`);
  return {
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `${policy}; frame-ancestors 'none'`,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    },
  };
}
