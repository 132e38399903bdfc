import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newLog, newMaterial } from './material.ts';
import { drop, openPage, PAGE, paste, startBrowser } from './page.ts';

let browser: Browser;
/** Counts the requests that reach the listener. */
let visits = 0;
const listener = createServer((_request, response) => {
  visits += 1;
  response.setHeader('access-control-allow-origin', '*').end('');
});
let elsewhere = '';

beforeAll(async () => {
  browser = await startBrowser();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  elsewhere = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  await browser.close();
  listener.close();
});

/** Ways to send a request if the policy allowed it. Each name begins with the directive that must stop the request. */
const ATTEMPTS: Readonly<Record<string, (url: string) => unknown>> = {
  'connect-src, fetch': (url) => fetch(url).then(() => 'sent', String),
  'connect-src, beacon': (url) => navigator.sendBeacon(url, 'handle'),
  'connect-src, XMLHttpRequest': (url) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.onloadend = () => resolve(request.status);
      request.open('GET', url);
      request.send();
    }),
  'connect-src, WebSocket': (url) => {
    new WebSocket(url.replace('http', 'ws'));
  },
  'connect-src, EventSource': (url) => {
    new EventSource(url);
  },
  'img-src, image': (url) => {
    new Image().src = url;
  },
  'frame-src, frame': (url) => {
    document.body.append(Object.assign(document.createElement('iframe'), { src: url }));
  },
  'style-src-elem, style sheet': (url) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url }));
  },
  'font-src, font': (url) => new FontFace('f', `url(${url})`).load().then(() => 'sent', String),
  'media-src, video': (url) => {
    document.body.append(Object.assign(document.createElement('video'), { src: url }));
  },
  'form-action, form': (url) => {
    const form = Object.assign(document.createElement('form'), { action: url, method: 'post' });
    document.body.append(form);
    form.submit();
  },
};

/** Records policy violations. @returns a function that returns the violated directives so far */
async function watchViolations(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const violated: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => violated.push(effectiveDirective));
    Object.assign(globalThis, { violated });
  });
  return () => page.evaluate(() => (globalThis as unknown as { violated: string[] }).violated);
}

describe('the policy of the page', () => {
  it('is strict, and comes before every script and style', async () => {
    const { page } = await openPage(browser);
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy?.replace(/'sha256-[A-Za-z0-9+/]{43}='/g, 'HASH').split('; ')).toEqual([
      "default-src 'none'",
      'script-src HASH',
      'style-src HASH',
      'img-src data:',
      "connect-src 'none'",
      "form-action 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    const isFirst = await page.evaluate(() => {
      const meta = document.querySelector('meta[http-equiv]');
      return [...document.querySelectorAll('script, style, link')].every(
        (element) => (meta?.compareDocumentPosition(element) ?? 0) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
    });
    expect(isFirst).toBe(true);
  });

  it('lets all functions of the page work, and the page sends no request', async () => {
    const material = await newMaterial();
    const { page, requests, complaints } = await openPage(browser);
    const violations = await watchViolations(page);
    await drop(page, { files: { 'ring.jwks': material.inspector, 'server.log': (await newLog(material)).text } });
    await page.getByText('Read server.log').waitFor();
    await paste(page.locator('body'), (await material.begin({ long: 'x'.repeat(2_000) })).handle);
    await page.getByText('Authentic:').waitFor();
    expect([requests, complaints, await violations()]).toEqual([[PAGE.href], [], []]);
  });

  it.each(Object.entries(ATTEMPTS))('blocks every request: %s', async (name, attempt) => {
    const [directive] = name.split(',');
    const { page } = await openPage(browser);
    const violations = await watchViolations(page);
    await page.evaluate(attempt, elsewhere);
    await expect.poll(violations).toContain(directive);
    expect(visits).toBe(0);
  });

  it('blocks scripts and styles other than the page’s own, and the parsing of strings as HTML', async () => {
    const { page } = await openPage(browser);
    const violations = await watchViolations(page);
    const outcomes = await page.evaluate(() => {
      const said = (attempt: () => unknown) => {
        try {
          attempt();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        said(() => document.body.append(Object.assign(document.createElement('style'), { textContent: 'body { display: none }' }))),
        said(() => document.body.setAttribute('style', 'display: none')),
        said(() => document.body.insertAdjacentHTML('beforeend', '<img src=x>')),
        said(() => Object.assign(document.createElement('script'), { textContent: 'globalThis.ran = true' })),
      ];
    });
    expect(outcomes).toEqual(['done', 'done', 'TypeError', 'TypeError']);
    await expect.poll(violations).toEqual(expect.arrayContaining(['style-src-elem', 'style-src-attr', 'require-trusted-types-for']));
    expect(await page.locator('h1').isVisible()).toBe(true);
  });

  it('is the reason that requests are blocked: without the policy, the browser sends them', async () => {
    const before = visits;
    const { page } = await openPage(browser, { bypassCSP: true });
    await page.evaluate((url) => fetch(url).then(() => {}), elsewhere);
    expect(visits).toBe(before + 1);
    visits = before;
  });
});
