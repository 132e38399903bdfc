import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprint, subjectClaim } from '../../src/handle/index.ts';
import { bad, good, type Vector, type VectorFile } from '../support/vectors.ts';
import { type Material, newMaterial } from './material.ts';
import { drop, everythingIn, failedStep, openPage, paste, startBrowser } from './page.ts';

let browser: Browser;
let material: Material;

beforeAll(async () => {
  [browser, material] = await Promise.all([startBrowser(), newMaterial()]);
});
afterAll(() => browser.close());

describe('a handle in the page', () => {
  it('shows its public parts at once, without a key', async () => {
    const { handle } = await material.begin();
    const { page, complaints } = await openPage(browser);
    await paste(page.getByLabel('Paste a handle'), handle);
    await page.getByText('This text has the form of a handle.').waitFor();
    const text = await page.locator('#findings').innerText();
    for (const fact of [material.key.kid, `${handle.length} characters`, await fingerprint(handle)]) expect(text).toContain(fact);
    expect(await page.locator('[data-outcome="not judged"]').count()).toBe(14);
    expect(complaints).toEqual([]);
  });

  it('opens with an inspector ring, and shows its times, lineage, rights and state', async () => {
    const born = await material.begin({ topic: 'otters <b>bold</b>', status: 'running' });
    const handedOn = await material.delegate(born);
    const { page } = await openPage(browser);
    await paste(page.getByLabel('Paste a handle'), handedOn.handle);
    await paste(page.getByLabel('Ring, as text'), material.inspector);
    await page.getByText('Authentic: 11 steps passed, 6 not judged.').waitFor();
    const text = await page.locator('#findings').innerText();
    for (const fact of [handedOn.claims.jti, await fingerprint(born.handle), 'narrowed to read', 'in 4', 'otters <b>bold</b>'])
      expect(text).toContain(fact);
    expect(await page.locator('.timeline text').allTextContents()).toEqual(['issued', 'expires', 'now']);
    expect(await page.locator('#findings b').count()).toBe(0);
  });

  it('can be dropped as a file, together with a ring, or inside a longer text', async () => {
    const { handle, claims } = await material.begin();
    const { page } = await openPage(browser);
    await drop(page, { files: { 'ring.jwks': material.inspector, 'result.json': JSON.stringify({ handle, text: `Pass ${handle} on.` }) } });
    await page.getByText('Authentic:').waitFor();
    expect(await page.locator('#handle-note').innerText()).toContain('left out the rest of the text');
    await drop(page, { text: handle.slice(0, 100) });
    await page.getByText('Refused at step 2 of 17, Grammar (malformed).').waitFor();
    expect(await page.locator('#findings').innerText()).not.toContain(claims.jti);
  });

  it('is checked against the expectations of a server', async () => {
    const principal = { issuer: 'https://login.example.com/', subject: 'ada' };
    const { handle, claims } = await material.begin(undefined, { audience: 'production', subject: await subjectClaim(principal) });
    const { page } = await openPage(browser);
    await paste(page.getByLabel('Ring, as text'), material.inspector);
    await paste(page.getByLabel('Paste a handle'), handle);
    await page.getByText('What a server would expect').click();

    await page.getByLabel('Deployment').selectOption('named');
    await page.getByLabel('Audience name').fill('staging');
    await page
      .getByText(
        'refused at step 11 of 17, Audience (rejected, audience). The handle is for "production", but a handle for "staging" was expected.',
      )
      .waitFor();
    await page.getByLabel('Audience name').fill('production');

    await page.getByLabel('Caller', { exact: true }).selectOption('none');
    await page.getByText('refused at step 12 of 17, Caller (rejected, subject)').waitFor();
    await page.getByLabel('Caller', { exact: true }).selectOption('principal');
    await page.getByLabel('Issuer').fill(principal.issuer);
    await page.getByLabel('Subject').fill(principal.subject);
    await page.getByText('Authentic: 13 steps passed').waitFor();

    await page.getByLabel('Kinds that the call accepts').fill('basket@1');
    await page.getByText('refused at step 15 of 17, Kind (wrong_kind)').waitFor();
    await page.getByLabel('Kinds that the call accepts').fill('research@1');
    await page.getByLabel('Rights (the call needs at least one of them)').fill('read');
    await page.getByText('Authentic: 15 steps passed, 2 not judged.').waitFor();

    await page.getByLabel('Now', { exact: true }).fill(String(claims.exp));
    await page.getByText('refused at step 14 of 17, Expiry (expired)').waitFor();
    expect(await page.locator('.timeline text').allTextContents()).toContain('expired');
    await page.getByLabel('Now', { exact: true }).fill('tomorrow');
    await page.getByText('Write 2026-07-28T12:00:00Z, or seconds since 1970.').waitFor();
    expect(await page.getByLabel('Now', { exact: true }).getAttribute('aria-invalid')).toBe('true');
  });

  it('shows hostile text as plain text', async () => {
    const state = { topic: '<img src=x onerror=alert(1)>', trick: 'abc\u202egpj.exe\u200b', '</script>': '<script>alert(1)</script>' };
    const { handle } = await material.begin(state, { audience: '"><script>alert(2)</script>\u202e' });
    const { page, requests, complaints } = await openPage(browser);
    await paste(page.getByLabel('Ring, as text'), material.inspector);
    await paste(page.getByLabel('Paste a handle'), handle);
    await page.getByText('Authentic:').waitFor();
    const text = await page.locator('#findings').innerText();
    expect(text).toContain('<img src=x onerror=alert(1)>');
    expect(text).toContain('abc\\u202egpj.exe\\u200b');
    expect(text).not.toMatch(/[\u202e\u200b]/);
    expect(await page.locator('main script, main img').count()).toBe(0);
    expect([requests.length, complaints]).toEqual([1, []]);
  });

  it('is refused with a message if it is too long', async () => {
    const { page } = await openPage(browser);
    await paste(page.getByLabel('Paste a handle'), 'a'.repeat(300_000));
    await page.getByText('The text has 300,000 characters, and contains no handle').waitFor();
    expect(await page.getByLabel('Paste a handle').inputValue()).toBe('');
    await paste(page.getByLabel('Paste a handle'), 'a'.repeat(20_000));
    await page.getByText('Refused at step 1 of 17, Length (malformed). The handle has 20000 characters; at most 8192 are read.').waitFor();
  });
});

describe('a ring in the page', () => {
  type Give = (page: Page) => Promise<unknown>;
  const ways: Readonly<Record<string, Give>> = {
    'pasted as a ring': (page) => paste(page.getByLabel('Ring, as text'), material.full),
    'pasted as a handle': (page) => paste(page.getByLabel('Paste a handle'), material.full),
    'pasted into a short field': async (page) => {
      await page.getByText('What a server would expect').click();
      await paste(page.getByLabel('Kinds that the call accepts'), material.full);
    },
    'pasted as a log': async (page) => {
      await page.getByRole('tab', { name: 'Log' }).click();
      await paste(page.getByLabel('Paste a log'), material.full);
    },
    'dropped as a file': (page) => drop(page, { files: { 'ring.jwks': material.full } }),
    'dropped as a file beside others': (page) => drop(page, { files: { 'ring.jwks': material.full, 'a.log': 'nothing' } }),
    'dropped as text': (page) => drop(page, { text: material.full }),
    'opened as a file': (page) =>
      page.locator('#ring-file').setInputFiles({ name: 'ring.jwks', mimeType: '', buffer: Buffer.from(material.full) }),
    'put into the field of handles': (page) => page.getByLabel('Paste a handle').fill(material.full),
    'cut short': (page) => paste(page.getByLabel('Ring, as text'), material.full.slice(0, -30)),
  };

  it.each(Object.entries(ways))('is refused if it has private keys, and the page keeps and shows no part of it: %s', async (_way, give) => {
    const secrets: string[] = JSON.parse(material.full).keys.flatMap(({ k, d }: { k?: string; d?: string }) => [k, d].filter(Boolean));
    const { page } = await openPage(browser);
    await give(page);
    await page.getByRole('alert').filter({ hasText: 'This is a full ring' }).waitFor();
    const everything = await everythingIn(page);
    expect(secrets.filter((secret) => everything.includes(secret)).length).toBe(0);
    expect(await page.locator('#ring-loaded').isVisible()).toBe(false);
  });

  it('does not come back with "undo", whether or not it has private keys', async () => {
    for (const ring of [material.full, material.inspector]) {
      const { page } = await openPage(browser);
      await page.getByLabel('Ring, as text').focus();
      await page.keyboard.insertText(JSON.stringify(JSON.parse(ring)));
      await page.keyboard.press('Tab');
      await page.locator('#message:not(:empty), #ring-status:not(:empty)').first().waitFor();
      if (ring === material.inspector) await page.getByRole('button', { name: 'Forget the ring' }).click();
      await page.getByLabel('Ring, as text').focus();
      await page.keyboard.press('Control+Z');
      expect(await page.getByLabel('Ring, as text').inputValue()).toBe('');
    }
  });

  it('is summarised without its secrets, and forgotten on request', async () => {
    const { handle } = await material.begin();
    const { page } = await openPage(browser);
    await paste(page.getByLabel('Ring, as text'), material.inspector);
    await page.getByText('1 key (1 active).').waitFor();
    const { k } = JSON.parse(material.inspector).keys[0];
    expect((await everythingIn(page)).includes(k)).toBe(false);
    await paste(page.getByLabel('Paste a handle'), handle);
    await page.getByText('Authentic:').waitFor();
    await page.getByRole('button', { name: 'Forget the ring' }).click();
    await page.getByText('This text has the form of a handle.').waitFor();
    expect(await page.locator('#findings').innerText()).not.toContain('otters');
  });

  it('is not kept if it is invalid, and the page says what is wrong', async () => {
    const { page } = await openPage(browser);
    await paste(page.getByLabel('Ring, as text'), material.inspector.replace('"A256GCM"', '"A128GCM"'));
    await page.getByRole('alert').filter({ hasText: 'member "alg" must be "A256GCM". The page kept nothing of the text.' }).waitFor();
    await paste(page.getByLabel('Ring, as text'), 'a misplaced secret');
    await page.getByRole('alert').filter({ hasText: 'The key ring is not JSON' }).waitFor();
    expect(await everythingIn(page)).not.toContain('misplaced');
  });
});

describe('the test vectors in the page', () => {
  /** Tells whether the text fields of the form can hold the values of a vector. */
  function fits({ handle, audience, kinds, needs }: Vector): boolean {
    const isField = typeof handle === 'string' && handle !== '' && handle.trim() === handle && !handle.includes('\r');
    return isField && kinds.length > 0 && needs.length > 0 && !audience?.includes('\n');
  }

  function isForInspectors({ rings }: VectorFile<Vector>, { ring }: Vector): boolean {
    return !rings[ring]?.keys.some((key) => 'd' in key);
  }

  function formOf({ now, notBefore, audience, subject, kinds, needs, maxLength, handle }: Vector): Record<string, string> {
    return {
      now: String(now),
      'not-before': notBefore === undefined ? '' : String(notBefore),
      'audience-is': audience === undefined ? 'none' : 'named',
      audience: audience ?? '',
      'caller-is': subject === undefined ? 'none' : 'claim',
      claim: subject ?? '',
      kinds: kinds.join(' '),
      needs: needs.join(' '),
      'max-length': String(maxLength ?? 8_192),
      handle: String(handle),
    };
  }

  /** Enters each vector into the page, and reads the failed step and the verdict. */
  async function judge({ rings }: VectorFile<Vector>, vectors: readonly Vector[]) {
    const { page, complaints } = await openPage(browser);
    await page.getByText('What a server would expect').click();
    const answers: { step: number; verdict: string }[] = [];
    let ring = '';
    for (const vector of vectors) {
      if (vector.ring !== ring) {
        ring = vector.ring;
        if (await page.locator('#ring-loaded').isVisible()) await page.getByRole('button', { name: 'Forget the ring' }).click();
        // The page refuses rings with private keys. Most rings of the vectors have such keys, so the test removes the keys.
        const document = rings[ring];
        const keys = document?.keys.map(({ d: _private, ...key }) => key);
        await paste(page.getByLabel('Ring, as text'), JSON.stringify({ ...document, keys }));
        await page.locator('#ring-loaded').waitFor();
      }
      await page.evaluate((values) => {
        for (const [id, value] of Object.entries(values)) (document.getElementById(id) as HTMLInputElement).value = value;
        document.getElementById('now')?.dispatchEvent(new InputEvent('input', { bubbles: true }));
      }, formOf(vector));
      await page.locator('#view-handle[aria-busy="false"]').waitFor();
      answers.push({ step: await failedStep(page), verdict: await page.locator('#verdict').innerText() });
    }
    expect(complaints).toEqual([]);
    return answers;
  }

  it('fail at the expected step if they are bad', async () => {
    // As an inspector, the page checks the signature (step 8) and not the IV (step 6). It has no state schemas (step
    // 17).
    const vectors = bad.vectors.filter(
      (vector) => fits(vector) && ![6, 17].includes(vector.step) && (isForInspectors(bad, vector) || vector.step < 6 || vector.step > 9),
    );
    expect(new Set(vectors.map(({ step }) => step)).size).toBe(15);
    const answers = await judge(bad, vectors);
    expect(answers.map(({ step }, at) => `${step} ${vectors[at]?.name}`)).toEqual(vectors.map(({ name, step }) => `${step} ${name}`));
    for (const [at, { code, reason }] of vectors.entries()) {
      expect(answers[at]?.verdict).toContain(reason === undefined ? `(${code})` : `(${code}, ${reason})`);
    }
  });

  it('are shown as authentic, and pass every step that the page checks, if they are good', async () => {
    // The page also checks steps 10 to 16, which an inspector leaves out. A vector for inspectors can fail there, so
    // the test leaves these vectors out. It also leaves out the vector with a wrong signature. Only a server accepts this
    // vector, because a server checks the IV instead of the signature.
    const vectors = good.vectors.filter(
      (vector) => fits(vector) && !isForInspectors(good, vector) && !vector.name.startsWith('A signature of zeros'),
    );
    expect(vectors.length).toBeGreaterThan(50);
    for (const { verdict } of await judge(good, vectors)) expect(verdict).toBe('Authentic: 15 steps passed, 2 not judged.');
  });
});
