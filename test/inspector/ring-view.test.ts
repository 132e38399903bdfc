import { expect, it } from 'vitest';
import { FULL_RING, readRing } from '../../src/inspector/ring-view.ts';
import { generateRing, parseDocument, parseRing, toDocument, toText, withoutSigning } from '../../src/keys/index.ts';

it('the page accepts an inspector ring, and refuses a ring with private keys', async () => {
  const full = toText(await generateRing(0));
  const inspector = toText(toDocument(withoutSigning(parseDocument(full).pairs)));
  const { entries } = await parseRing(inspector);
  expect(await readRing(inspector)).toMatchObject({ entries: entries.map(({ kid }) => ({ kid })) });
  expect(await readRing(full)).toBe(FULL_RING);
  expect(FULL_RING).toContain('waxseal keys export --inspector');
});

it('the page says what is wrong with a text that is not a ring, and that it kept nothing of the text', async () => {
  for (const text of ['{}', 'lost luggage', '{"keys":[]}'])
    expect(await readRing(text), text).toMatch(/\. The page kept nothing of the text\.$/);
});
