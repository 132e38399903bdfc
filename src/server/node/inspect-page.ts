/** The inspector page: one file, made by `npm run build`, that opens and verifies handles in the reader's browser. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where it is. */
export const INSPECTOR_PAGE = new URL('../../inspector/inspector.html', import.meta.url);

/** A page and the headers that it is served with. */
export interface InspectorPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads the page. Its policy stands in it, and is said again in a header, together with what only a header can say:
 * that no other page may frame it.
 *
 * @throws {Error} where the page is not there
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
