/**
 * Makes the inspector page: one HTML file that contains its style and its script. The page's Content Security Policy
 * allows no other style and no other script. `node src/inspector/build.mjs` writes dist/inspector/inspector.html.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const source = (name) => new URL(name, import.meta.url);
const folder = new URL('../../dist/inspector/', import.meta.url);

const [page, style] = await Promise.all(['page.html', 'style.css'].map((name) => readFile(source(name), 'utf8')));
const script = await bundle(fileURLToPath(source('main.ts')));

/** The directives on trusted types keep text from becoming markup or code, even if the script has a mistake. */
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  'img-src data:',
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const values = { policy, style, script };
await mkdir(folder, { recursive: true });
await writeFile(
  new URL('inspector.html', folder),
  page.replace(/\/\* (policy|style|script) \*\//g, (_, name) => values[name]),
);

async function bundle(input) {
  const build = await rolldown({ input, platform: 'browser' });
  try {
    const { code } = (await build.generate({ format: 'iife', minify: true })).output[0];
    if (/<(\/script|script|!--)/i.test(code)) throw new Error('the script contains text that would end its element in the page');
    return code;
  } finally {
    await build.close();
  }
}

function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
