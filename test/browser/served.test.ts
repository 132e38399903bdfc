import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import { emptyFolder } from '../support/folders.ts';
import { runProgram, startServer } from '../support/program.ts';
import { type Material, newLog, newMaterial } from './material.ts';
import { openPage, PAGE, paste, startBrowser } from './page.ts';

let browser: Browser;
let material: Material;

beforeAll(async () => {
  [browser, material] = await Promise.all([startBrowser(), newMaterial()]);
});
afterAll(() => browser.close());

describe('the page on a server', () => {
  it('works if the operator asks for it, and has its Content-Security-Policy both in a header and in the page', async () => {
    const server = await startServer(['--inspect'], { env: { WAXSEAL_KEYS: material.full } });
    const { page, requests, complaints } = await openPage(browser, {}, `${server.origin}/inspect`);
    await paste(page.getByLabel('Ring, as text'), material.inspector);
    await paste(page.getByLabel('Paste a handle'), (await material.begin()).handle);
    await page.getByText('Authentic:').waitFor();
    expect([requests, complaints]).toEqual([[`${server.origin}/inspect`], []]);

    const { headers, status } = await fetch(`${server.origin}/inspect`);
    const policy = await page.locator('meta[http-equiv]').getAttribute('content');
    expect([status, headers.get('content-security-policy')]).toEqual([200, `${policy}; frame-ancestors 'none'`]);
    expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual(['nosniff', 'no-referrer']);
    await server.kill();
  });

  it('is served only if the operator asks for it', async () => {
    const server = await startServer([], { env: { WAXSEAL_KEYS: material.full } });
    expect((await fetch(`${server.origin}/inspect`)).status).toBe(404);
    await server.kill();
  });
});

describe('waxseal inspect --web', () => {
  it('prints the URL of the page', async () => {
    expect(await runProgram(['inspect', '--web'])).toMatchObject({ code: 0, stdout: `${PAGE.href}\n`, stderr: '' });
  });

  it('refuses arguments that could end up in a URL', async () => {
    for (const args of [
      ['--web', 'handle'],
      ['--web', '--keys', 'ring.jwks'],
      ['--web', '--json'],
    ]) {
      const { code, stderr } = await runProgram(['inspect', ...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--web takes no other argument')]);
    }
  });
});

describe('waxseal audit --html', () => {
  it('writes a page that contains no key and no handle, and is harmless whatever the log contains', async () => {
    const folder = emptyFolder();
    const log = await newLog(material);
    const name = '<script>globalThis.ran = true<!--.log';
    await writeFile(join(folder, 'ring.jwks'), material.inspector);
    await writeFile(join(folder, name), log.text);
    const { code, stderr } = await runProgram(['audit', '--keys', 'ring.jwks', '--html', 'report.html', name], { cwd: folder });
    expect([code, stderr]).toEqual([1, '']);

    const html = await readFile(join(folder, 'report.html'), 'utf8');
    const { k } = JSON.parse(material.inspector).keys[0];
    for (const { handle } of Object.values(log.forked)) expect(html.includes(handle.slice(-40))).toBe(false);
    expect(html.includes(k)).toBe(false);

    const { page, requests, complaints } = await openPage(browser, {}, pathToFileURL(join(folder, 'report.html')).href);
    await page.getByText('This is a report of waxseal audit.').waitFor();
    await page.getByRole('option', { name: await fingerprint(log.forked.third.handle) }).click();
    expect(await page.locator('#report').innerText()).toContain(`${name}:5`);
    expect(await page.locator('.drawing .node.forked').count()).toBe(2);
    expect([requests.length, complaints, await page.evaluate(() => 'ran' in globalThis)]).toEqual([1, [], false]);
  });

  it('says that the folder for the page does not exist', async () => {
    const folder = emptyFolder();
    await writeFile(join(folder, 'a.log'), 'nothing');
    const { code, stderr } = await runProgram(['audit', '--html', 'none/report.html', 'a.log'], { cwd: folder });
    expect([code, stderr]).toEqual([2, 'waxseal: cannot write none/report.html: the folder none does not exist; make it first.\n']);
  });
});
