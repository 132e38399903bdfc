/** Reads key rings from deployment tools, which often add quotation marks, escapes or base64. */
import { parseRing, type Ring } from './ring.ts';

/**
 * Reads a ring as a deployment tool delivered it. Quotation marks, escapes and base64 around the ring are removed. Then
 * {@link parseRing} reads it.
 *
 * @throws {RingError} `invalid_ring`: the message says what is wrong, and quotes no part of the text
 *
 * @example
 * ```ts
 * import { parseDelivered } from 'waxseal/keys';
 *
 * const ring = await parseDelivered(process.env['WAXSEAL_KEYS'] ?? '');
 * ```
 */
export async function parseDelivered(text: string): Promise<Ring> {
  return parseRing(unwrappedRing(text));
}

/**
 * The maximum number of rounds that remove wrapping. Three layers can occur: quotation marks around base64 around
 * quotation marks. The fourth round removes white space.
 */
const MOST_WRAPPINGS = 4;

/**
 * Removes what secret managers, shells and `.env` files put around a ring: quotation marks, the backslashes of a JSON
 * string, and base64. The result need not be a ring.
 *
 * @example
 * ```ts
 * import { unwrappedRing } from 'waxseal/keys';
 *
 * unwrappedRing(`'{"keys":[]}'`); // {"keys":[]}
 * ```
 */
export function unwrappedRing(text: string): string {
  let inner = text;
  for (let count = 0; count < MOST_WRAPPINGS && !inner.startsWith('{'); count += 1)
    inner = unwrappedOnce(inner.replace(/^\uFEFF/, '').trim());
  return /^\{\s*\\"/.test(inner) ? (jsonString(`"${inner}"`) ?? inner) : inner;
}

function unwrappedOnce(text: string): string {
  const quoted = /^(["'`])([\s\S]*)\1$/.exec(text);
  if (quoted !== null) return (quoted[1] === '"' ? jsonString(text) : undefined) ?? quoted[2] ?? '';
  return fromBase64(text.replace(/\s/g, '')) ?? text;
}

/** Returns undefined if the text is not a JSON string. */
function jsonString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Decodes base64 or base64url, with or without padding. Returns undefined if the text is neither. */
function fromBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')), (character) =>
      character.charCodeAt(0),
    );
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}
