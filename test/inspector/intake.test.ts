import { beforeAll, describe, expect, it } from 'vitest';
import { classify, LONGEST_TEXT } from '../../src/inspector/intake.ts';
import { generateRing, parseDocument, toDocument, toText, withoutSigning } from '../../src/keys/index.ts';
import { newHandle, newKeys } from '../handle/support.ts';

let [full, inspector, handle, other] = ['', '', '', ''];

beforeAll(async () => {
  full = toText(await generateRing(0));
  inspector = toText(toDocument(withoutSigning(parseDocument(full).pairs)));
  const keys = await newKeys();
  [handle, other] = [await newHandle(keys), await newHandle(keys)];
});

describe('the page, given pasted or dropped text,', () => {
  it('recognizes an inspector ring', () => {
    expect(classify(inspector)).toEqual({ type: 'ring', text: inspector.trim() });
    expect(classify(`\uFEFF${inspector}\n`).type).toBe('ring');
  });

  it('recognizes a ring with private keys in any form, and does not pass on the text of the ring', () => {
    const { keys } = JSON.parse(full);
    const forms = {
      'as it is': full,
      'in one line': JSON.stringify(JSON.parse(full)),
      'one key of it': JSON.stringify(keys[1]),
      'a list of keys': JSON.stringify(keys),
      'deeper in JSON': JSON.stringify({ secrets: { ring: JSON.parse(full) } }),
      'as a string in JSON': JSON.stringify({ WAXSEAL_KEYS: full }),
      'cut short': full.slice(0, -20),
      'a line of an environment file': `WAXSEAL_KEYS='${JSON.stringify(JSON.parse(full))}'`,
      'with an escaped name': full.replace('"d"', '"\\u0064"'),
    };
    for (const [form, text] of Object.entries(forms)) expect(classify(text), form).toEqual({ type: 'full ring' });
  });

  it('recognizes one handle, alone or inside other text', () => {
    expect(classify(` ${handle}\n`)).toEqual({ type: 'handle', handle, among: false });
    expect(classify(JSON.stringify({ handle, text: `the handle is ${handle}.` }))).toEqual({ type: 'handle', handle, among: true });
  });

  it('recognizes a handle that might have been cut, so that the page can show which check fails', () => {
    const cut = handle.slice(0, -9);
    expect(classify(cut)).toEqual({ type: 'handle', handle: cut, among: false });
  });

  it('recognizes one handle that was broken into pieces', () => {
    const pieces = handle.match(/.{1,76}/g) ?? [];
    for (const separator of ['\n', '\n> ', '\u200b', '\\n'])
      expect(classify(pieces.join(separator)), separator).toEqual({ type: 'handle', handle, among: true });
  });

  it('recognizes a log if it contains handles in another encoding', () => {
    expect(classify(JSON.stringify({ body: btoa(JSON.stringify({ handle })), isBase64Encoded: true }))).toEqual({ type: 'log' });
  });

  it('recognizes a log if the text is long or has several handles', () => {
    expect(classify(`${handle}\n${other}`)).toEqual({ type: 'log' });
    expect(classify('x'.repeat(LONGEST_TEXT + 1))).toEqual({ type: 'log' });
  });

  it('recognizes an empty text', () => {
    expect(classify(' \n')).toEqual({ type: 'nothing' });
  });
});
