/** Tests the page's main functions in Firefox. The other tests of this folder test the page in detail, in Chromium. */
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Material, newLog, newMaterial } from './material.ts';
import { PAGE } from './page.ts';

let browser: Browser;
let material: Material;

beforeAll(async () => {
  // The variable FIREFOX names the program. The default is the system's program (Debian's package firefox-esr).
  const executablePath = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';
  [browser, material] = await Promise.all([puppeteer.launch({ browser: 'firefox', executablePath, headless: true }), newMaterial()]);
});
afterAll(() => browser.close());

async function openPage() {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(PAGE.href);
  return { page, complaints };
}

/** Pastes a text into the field with a label, as Ctrl+V does. */
async function paste(page: Page, label: string, text: string): Promise<void> {
  const evaluated = (wanted: string, pasted: string) => {
    const field = Array.from(document.querySelectorAll('textarea')).find(({ labels, ariaLabel }) =>
      [ariaLabel, ...Array.from(labels, ({ textContent }) => textContent)].some((name) => name?.includes(wanted)),
    );
    if (field === undefined) throw new Error(`the page has no field "${wanted}"`);
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    // The browser inserts the text of a real paste that the page does not handle. This paste is made up, so the test
    // inserts the text itself.
    if (field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))) {
      field.value = pasted;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  };
  await page.evaluate(evaluated, label, text);
}

async function drop(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  await page.evaluate((given) => {
    const dataTransfer = new DataTransfer();
    for (const [name, text] of Object.entries(given)) dataTransfer.items.add(new File([text], name));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, files);
}

const shown = (page: Page, text: string) => page.waitForSelector(`::-p-text(${text})`, { timeout: 30_000 });

describe('the page in Firefox', () => {
  it('opens and verifies a handle with an inspector ring, and names the step at which a changed handle fails', async () => {
    const { page, complaints } = await openPage();
    const { handle } = await material.begin();
    await paste(page, 'Ring, as text', material.inspector);
    await paste(page, 'Paste a handle', handle);
    await shown(page, 'Authentic:');
    expect(await page.$$eval('.steps li[data-outcome="failed"]', (items) => items.length)).toBe(0);

    const changed = `${handle.slice(0, -2)}${handle.at(-2) === 'A' ? 'B' : 'A'}${handle.at(-1)}`;
    await paste(page, 'Paste a handle', changed);
    await page.waitForSelector('.steps li[data-outcome="failed"]');
    expect(complaints).toEqual([]);
  });

  it('refuses a full ring', async () => {
    const { page } = await openPage();
    await paste(page, 'Ring, as text', material.full);
    await shown(page, 'This is a full ring');
  });

  it('reads a dropped log, and draws its tasks', async () => {
    const { page, complaints } = await openPage();
    await drop(page, { 'ring.jwks': material.inspector, 'server.log': (await newLog(material)).text });
    await shown(page, 'Read server.log: 2 tasks, 3 findings.');
    expect(await page.$$eval('.finding .tag', (tags) => tags.map(({ textContent }) => textContent))).toEqual([
      'high: fork',
      'medium: replay',
      'low: gap',
    ]);
    expect(await page.$$eval('.drawing path.node.forked', (nodes) => nodes.length)).toBe(2);
    expect(complaints).toEqual([]);
  });
});
