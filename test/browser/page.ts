/** The inspector page in Chromium, and what people do with it. */
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

/** What `npm run build` made. */
export const PAGE = new URL('../../dist/inspector/inspector.html', import.meta.url);

/** Starts the browser of the system, e.g. of Debian's package chromium; another one is named by CHROMIUM. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' });
}

/** A page of its own, and everything that it said or asked for. */
export interface OpenPage {
  readonly page: Page;
  /** URLs of requests. */
  readonly requests: readonly string[];
  /** Errors, and what the console says. */
  readonly complaints: readonly string[];
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}, url = PAGE.href): Promise<OpenPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(url);
  return { page, requests, complaints };
}

/** Pastes text, as Ctrl+V does. */
export async function paste(target: Locator, text: string): Promise<void> {
  await target.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    // What the page does not take for itself goes where the browser puts it.
    if (element.dispatchEvent(event) && 'value' in element) {
      element.value = pasted;
      element.dispatchEvent(new InputEvent('input', { bubbles: true }));
      element.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }, text);
}

/** Drops files, or a text, somewhere on the page. */
export async function drop(
  page: Page,
  dropped: { readonly files: Readonly<Record<string, string>> } | { readonly text: string },
): Promise<void> {
  await page.evaluate((given) => {
    const dataTransfer = new DataTransfer();
    if ('text' in given) dataTransfer.setData('text/plain', given.text);
    else for (const [name, text] of Object.entries(given.files)) dataTransfer.items.add(new File([text], name));
    const over = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true });
    // Where nobody prevents it, the browser leaves the page for the file.
    if (document.body.dispatchEvent(over)) throw new Error('a drop is not expected here');
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, dropped);
}

/** Everything that a page holds in its elements and fields. */
export function everythingIn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const values = Array.from(document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea'), ({ value }) => value);
    return [document.documentElement.outerHTML, ...values].join('\n');
  });
}

/** The step that failed, as the page shows it: its number, or 0 where none did. */
export async function failedStep(page: Page): Promise<number> {
  const outcomes = await page.locator('.steps li').evaluateAll((items) => items.map((item) => item.getAttribute('data-outcome')));
  return outcomes.indexOf('failed') + 1;
}

/** The path of the page, for people and command lines. */
export const PAGE_PATH: string = fileURLToPath(PAGE);
