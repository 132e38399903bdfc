/** Opens the inspector page in Chromium, and does with it what people do. */
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

/** The URL of the page that `npm run build` made. */
export const PAGE = new URL('../../dist/inspector/inspector.html', import.meta.url);

/**
 * Starts Chromium. The variable CHROMIUM names the program. The default is the system's (Debian's package chromium).
 */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' });
}

/** An open page, with everything that it logged and requested. */
export interface OpenPage {
  readonly page: Page;
  /** The URLs of all requests. */
  readonly requests: readonly string[];
  /** All errors and console messages. */
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
    // If the page does not handle the event, the browser inserts the text.
    if (element.dispatchEvent(event) && 'value' in element) {
      element.value = pasted;
      element.dispatchEvent(new InputEvent('input', { bubbles: true }));
      element.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }, text);
}

/** Drops files or a text onto the page. */
export async function drop(
  page: Page,
  dropped: { readonly files: Readonly<Record<string, string>> } | { readonly text: string },
): Promise<void> {
  await page.evaluate((given) => {
    const dataTransfer = new DataTransfer();
    if ('text' in given) dataTransfer.setData('text/plain', given.text);
    else for (const [name, text] of Object.entries(given.files)) dataTransfer.items.add(new File([text], name));
    const over = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true });
    // If the page does not prevent the default action, the browser leaves the page and opens the file.
    if (document.body.dispatchEvent(over)) throw new Error('the page does not accept a drop');
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, dropped);
}

/** Returns everything in the page's elements and fields. */
export function everythingIn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const values = Array.from(document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea'), ({ value }) => value);
    return [document.documentElement.outerHTML, ...values].join('\n');
  });
}

/** Returns the number of the failed step that the page shows, or 0 if no step failed. */
export async function failedStep(page: Page): Promise<number> {
  const outcomes = await page.locator('.steps li').evaluateAll((items) => items.map((item) => item.getAttribute('data-outcome')));
  return outcomes.indexOf('failed') + 1;
}

/** The path of the page's file. */
export const PAGE_PATH: string = fileURLToPath(PAGE);
