import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { provideBase64 } from '../../src/server/base64.ts';

/** As the standard has it (ECMAScript 2026, §23.2.4); the types come with newer libraries. */
interface Standard {
  fromBase64(text: unknown, options?: { alphabet?: string; lastChunkHandling?: string }): Uint8Array;
}
const { fromBase64 } = {
  fromBase64: (...given: Parameters<Standard['fromBase64']>) => (Uint8Array as unknown as Standard).fromBase64(...given),
};
const toBase64 = (bytes: Uint8Array, options?: object) => (bytes as unknown as { toBase64(options?: object): string }).toBase64(options);
const prototype = Uint8Array.prototype as unknown as { toBase64(this: unknown): string };
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

beforeAll(provideBase64);

describe('base64, where the runtime has it not', () => {
  it('is what Node writes, in each alphabet, padded unless told otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const [base64, base64url] = [Buffer.from(bytes).toString('base64'), Buffer.from(bytes).toString('base64url')];
        expect(toBase64(bytes)).toBe(base64);
        expect(toBase64(bytes, { omitPadding: true })).toBe(base64.replaceAll('=', ''));
        expect(toBase64(bytes, { alphabet: 'base64url', omitPadding: true })).toBe(base64url);
        expect(toBase64(bytes, { alphabet: 'base64url' })).toBe(base64.replaceAll('+', '-').replaceAll('/', '_'));
      }),
    );
  });

  it('reads back what it wrote, in a buffer of its own', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.boolean(),
        fc.constantFrom('base64', 'base64url'),
        (bytes, omitPadding, alphabet) => {
          const read = fromBase64(toBase64(bytes, { alphabet, omitPadding }), { alphabet });
          expect([...read]).toEqual([...bytes]);
          expect(read.constructor).toBe(Uint8Array);
          expect(read.buffer.byteLength).toBe(bytes.length);
        },
      ),
    );
  });

  it('writes the part of a buffer that is shown', () => {
    expect(toBase64(new Uint8Array(new Uint8Array([1, 2, 3, 4, 5]).buffer, 1, 3))).toBe('AgME');
  });

  it.each(['Zm9vZg==', 'Zm9vZg', ' Zm9v\n Z g = = ', 'Zm9vZh=='])('loosely reads %j', (given) => {
    expect(text(fromBase64(given))).toBe('foof');
  });

  it.each(['Zg=', 'Z', 'Z===', 'Zg===', 'Zg==Zg==', '=', 'Zm9v=', 'Zm9v====', 'Zm9-', 'Zm9_', 'Zm9é', 'Zm9v.', 'Zm\u00a09v'])(
    'does not read %j',
    (given) => {
      expect(() => fromBase64(given)).toThrow(SyntaxError);
    },
  );

  it('reads one alphabet at a time', () => {
    expect([...fromBase64('-_-_', { alphabet: 'base64url' })]).toEqual([...fromBase64('+/+/')]);
    expect(() => fromBase64('+/+/', { alphabet: 'base64url' })).toThrow(SyntaxError);
  });

  it('strictly reads only whole groups, with nothing in the bits that are not used', () => {
    const strictly = { lastChunkHandling: 'strict' };
    expect(text(fromBase64('Zm9vZg==', strictly))).toBe('foof');
    expect(text(fromBase64('Zm9v', strictly))).toBe('foo');
    for (const given of ['Zm9vZg', 'Zm9vZh==', 'Zm9vZm9=']) expect(() => fromBase64(given, strictly), given).toThrow(SyntaxError);
  });

  it('stops before a group that may go on', () => {
    const stopping = { lastChunkHandling: 'stop-before-partial' };
    for (const given of ['Zm9v', 'Zm9vZ', 'Zm9vZg', 'Zm9vZg=', 'Zm9vZm8']) expect(text(fromBase64(given, stopping)), given).toBe('foo');
    expect(text(fromBase64('Zm9vZg==', stopping))).toBe('foof');
    for (const given of ['Z=', 'Zm9v=', 'Zm9v!']) expect(() => fromBase64(given, stopping), given).toThrow(SyntaxError);
  });

  it('takes text or bytes, and options that there are', () => {
    expect(() => fromBase64(17)).toThrow(TypeError);
    expect(() => fromBase64(new String('Zm9v'))).toThrow(TypeError);
    for (const bytes of [[1], new Uint16Array(1), Object.create(Uint8Array.prototype)])
      expect(() => prototype.toBase64.call(bytes)).toThrow(TypeError);
    for (const options of [{ alphabet: 'base32' }, { alphabet: null }, { alphabet: new String('base64') }, null, 'base64', 7]) {
      expect(() => fromBase64('Zm9v', options as object), JSON.stringify(options)).toThrow(TypeError);
      expect(() => toBase64(new Uint8Array(), options as object), JSON.stringify(options)).toThrow(TypeError);
    }
    for (const lastChunkHandling of ['lax', null, 1]) expect(() => fromBase64('Zm9v', { lastChunkHandling } as object)).toThrow(TypeError);
  });

  it('leaves alone what is there', () => {
    const before = (Uint8Array as unknown as Standard).fromBase64;
    provideBase64();
    expect((Uint8Array as unknown as Standard).fromBase64).toBe(before);
  });
});
