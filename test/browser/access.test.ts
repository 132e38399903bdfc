import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Material, newLog, newMaterial } from './material.ts';
import { drop, openPage, paste, startBrowser } from './page.ts';

let browser: Browser;
let material: Material;
let log = '';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

beforeAll(async () => {
  [browser, material] = await Promise.all([startBrowser(), newMaterial()]);
  log = (await newLog(material)).text;
});
afterAll(() => browser.close());

/** Returns the accessibility rules that the page breaks, as axe-core finds them. */
async function brokenRules(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

async function openHandle(options: BrowserContextOptions = {}) {
  const { page } = await openPage(browser, options);
  await paste(page.getByLabel('Ring, as text'), material.inspector);
  await paste(page.getByLabel('Paste a handle'), (await material.delegate(await material.begin())).handle);
  await page.getByText('Authentic:').waitFor();
  return page;
}

async function openLog(options: BrowserContextOptions = {}) {
  const { page } = await openPage(browser, options);
  await drop(page, { files: { 'ring.jwks': material.inspector, 'server.log': log } });
  await page.getByText('Read server.log').waitFor();
  return page;
}

const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true } as const;
const WAYS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'on a phone': PHONE,
  'on a phone, dark': { ...PHONE, colorScheme: 'dark' },
};

describe.each(Object.entries(WAYS))('the page, %s,', (_way, options) => {
  it('follows the accessibility rules when it is empty, and when it shows a message, a handle, a refused handle or a log', async () => {
    const { page: empty } = await openPage(browser, options);
    expect(await brokenRules(empty)).toEqual([]);
    await paste(empty.getByLabel('Ring, as text'), material.full);
    await empty.getByRole('alert').filter({ hasText: 'This is a full ring' }).waitFor();
    expect(await brokenRules(empty)).toEqual([]);

    const handle = await openHandle(options);
    await handle.getByText('Its keys').click();
    expect(await brokenRules(handle)).toEqual([]);
    await handle.getByText('What a server would expect').click();
    await handle.getByLabel('Caller', { exact: true }).selectOption('principal');
    await handle.getByLabel('Now', { exact: true }).fill('4000000000');
    await handle.getByText('Refused at step 4').waitFor();
    await handle.getByLabel('Now', { exact: true }).fill('never');
    await handle.getByText('seconds since 1970.').waitFor();
    expect(await brokenRules(handle)).toEqual([]);

    expect(await brokenRules(await openLog(options))).toEqual([]);
  });

  it('fits the width of the window, and every control is large enough for a finger', async () => {
    for (const page of [await openHandle(options), await openLog(options)]) {
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      expect(content).toBeLessThanOrEqual(window ?? 0);
      const small = await page
        .locator('button:visible, .button:visible, summary:visible, [role="option"]:visible')
        .evaluateAll((elements) =>
          elements.filter((element) => element.getBoundingClientRect().height < 44).map(({ textContent }) => textContent),
        );
      expect(small).toEqual([]);
    }
  });
});

describe('the page with the keyboard alone', () => {
  /** Presses Tab until the element with this id has the focus. */
  async function tabTo(page: Page, id: string): Promise<void> {
    for (let at = 0; at < 60; at += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.id === wanted, id)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${id}`);
  }

  it('takes a ring and a handle, checks the handle, and shows its state', async () => {
    const { handle } = await material.begin();
    const { page } = await openPage(browser, {});
    await tabTo(page, 'ring-text');
    await page.keyboard.insertText(JSON.stringify(JSON.parse(material.inspector)));
    await page.keyboard.press('Tab');
    await page.getByText('1 key (1 active)').waitFor();
    await tabTo(page, 'handle');
    await page.keyboard.insertText(handle);
    await page.getByText('Authentic:').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await tabTo(page, 'kinds');
    await page.keyboard.type('basket@1');
    await page.getByText('refused at step 15').waitFor();
  });

  it('takes a log, and moves through its tasks and revisions', async () => {
    const { page } = await openPage(browser);
    await tabTo(page, 'tab-handle');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tabpanel', { name: 'Log' }).waitFor();
    await tabTo(page, 'log-text');
    await page.keyboard.insertText(log);
    await page.keyboard.press('Tab');
    await page.getByText('Read pasted text: 2 tasks').waitFor();
    await tabTo(page, 'filter');
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    const tasks = page.getByRole('listbox', { name: 'Tasks' });
    for (let at = 0; at < 10 && !(await tasks.evaluate((list) => list.contains(document.activeElement))); at += 1)
      await page.keyboard.press('Tab');
    const first = await focused();
    await page.keyboard.press('ArrowDown');
    expect(await focused()).not.toBe(first);
    expect(await tasks.getByRole('option', { selected: true }).textContent()).toBe(await focused());
    await page.keyboard.press('Home');
    await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    expect(await focused()).toContain('rev 4');
    await page.getByRole('heading', { name: 'Revision 4' }).waitFor();
  });

  it('always shows the focus', async () => {
    const page = await openLog();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    for (let at = 0; at < 12; at += 1) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(() => {
        const element = document.activeElement;
        const shown = element?.closest('.button') ?? element;
        return shown === null || shown === document.body ? 'solid' : getComputedStyle(shown).outlineStyle;
      });
      expect(outline).toBe('solid');
    }
  });
});

describe('the page with the reader’s preferences', () => {
  it('is dark if the reader prefers dark', async () => {
    const ground = async (colorScheme: 'light' | 'dark') => {
      const { page } = await openPage(browser, { colorScheme });
      return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    };
    const [light, dark] = [await ground('light'), await ground('dark')];
    const brightness = (color: string) => Number(/\d+/.exec(color)?.[0]);
    expect([brightness(light) > 200, brightness(dark) < 50]).toEqual([true, true]);
  });

  it('shows no animation if the reader prefers reduced motion', async () => {
    const page = await openHandle({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto';
        }).length,
    );
    expect(moving).toBe(0);
  });
});
