/**
 * `Uint8Array` to base64 and back (ECMAScript 2026, §23.2.4), where the runtime has it not: before Node 25.
 * `jose` uses both where they are; what it does without them costs ten times as much.
 */

type Alphabet = 'base64' | 'base64url';

interface ToBase64Options {
  readonly alphabet?: Alphabet;
  readonly omitPadding?: boolean;
}

interface FromBase64Options {
  readonly alphabet?: Alphabet;
  readonly lastChunkHandling?: 'loose' | 'strict' | 'stop-before-partial';
}

const SPELLED = { base64: /^[A-Za-z0-9+/]*={0,2}$/, base64url: /^[A-Za-z0-9_-]*={0,2}$/ };
const WHITE_SPACE = /[\t\n\f\r ]+/g;
const SPACED = {
  base64: /^[A-Za-z0-9+/\t\n\f\r ]*(?:=[\t\n\f\r ]*){0,2}$/,
  base64url: /^[A-Za-z0-9_\-\t\n\f\r ]*(?:=[\t\n\f\r ]*){0,2}$/,
};
const LAST_CHUNK = ['loose', 'strict', 'stop-before-partial'];

/** Adds `Uint8Array.fromBase64` and `Uint8Array.prototype.toBase64`, unless they are there. */
export function provideBase64(): void {
  provide(Uint8Array, 'fromBase64', fromBase64);
  provide(Uint8Array.prototype, 'toBase64', function (this: Uint8Array, options?: ToBase64Options) {
    return toBase64(this, options);
  });
}

function provide(owner: object, name: string, value: unknown): void {
  if (!(name in owner)) Object.defineProperty(owner, name, { value, writable: true, configurable: true });
}

function toBase64(bytes: Uint8Array, options: ToBase64Options = {}): string {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('toBase64: expected a Uint8Array');
  requireOptions(options);
  const { alphabet = 'base64', omitPadding = false } = options;
  requireOneOf(Object.keys(SPELLED), alphabet);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(alphabet);
  // Node pads base64 and not base64url.
  if (alphabet === 'base64') return omitPadding ? text.replace(/=+$/, '') : text;
  return omitPadding ? text : text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

function fromBase64(string: string, options: FromBase64Options = {}): Uint8Array {
  if (typeof string !== 'string') throw new TypeError('fromBase64: expected a string');
  requireOptions(options);
  const { alphabet = 'base64', lastChunkHandling = 'loose' } = options;
  requireOneOf(Object.keys(SPELLED), alphabet);
  requireOneOf(LAST_CHUNK, lastChunkHandling);
  const text = spelled(string, alphabet);
  const digits = text.endsWith('=') ? text.slice(0, text.indexOf('=')) : text;
  const [rest, padding] = [digits.length % 4, text.length - digits.length];
  const mayGoOn = padding === 0 ? rest > 0 : rest === 2 && padding === 1;
  if (lastChunkHandling === 'stop-before-partial' && mayGoOn) return decoded(digits.slice(0, -rest), alphabet);
  if (rest === 1 || (padding > 0 && rest + padding !== 4)) wrong();
  const bytes = decoded(digits, alphabet);
  // Strictly, the last group is whole, and the bits that it leaves unused are zero.
  const isExact = () => (rest === 0 || padding > 0) && toBase64(bytes, { alphabet, omitPadding: true }) === digits;
  if (lastChunkHandling === 'strict' && !isExact()) wrong();
  return bytes;
}

/** Without the white space that may stand anywhere in it. @throws {SyntaxError} */
function spelled(text: string, alphabet: Alphabet): string {
  if (SPELLED[alphabet].test(text)) return text;
  return SPACED[alphabet].test(text) ? text.replace(WHITE_SPACE, '') : wrong();
}

/** In a buffer of its own, and not in one that Node shares among small ones. */
function decoded(digits: string, alphabet: Alphabet): Uint8Array {
  return new Uint8Array(Buffer.from(digits, alphabet));
}

function requireOptions(options: unknown): void {
  if (Object(options) !== options) throw new TypeError('base64: options are an object');
}

function requireOneOf(names: readonly string[], name: string): void {
  if (!names.includes(name)) throw new TypeError(`base64: expected one of ${names.join(', ')}`);
}

function wrong(): never {
  throw new SyntaxError('not base64 of this alphabet');
}
