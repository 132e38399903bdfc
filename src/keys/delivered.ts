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

/** The maximum number of rounds that remove wrapping. Three layers can occur, such as quotation marks around base64. */
const MOST_WRAPPINGS = 4;

/**
 * Removes what secret managers, shells and `.env` files put around a ring: quotation marks, escapes, base64, the name
 * `WAXSEAL_KEYS`. The result need not be a ring.
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
  for (let count = 0; count < MOST_WRAPPINGS; count += 1) {
    // Zero-width spaces come from web pages. `trim` also removes a byte order mark.
    const outer = inner.replaceAll('\u200B', '').trim();
    inner = outer.startsWith('{') ? fromObject(outer) : unwrappedOnce(outer);
    if (inner === outer) return inner;
  }
  return inner;
}

/** Secret managers that store objects put the ring into a member. Some files contain a written `\n` for a line break. */
function fromObject(text: string): string {
  const document = parsed(text);
  if (document === undefined) return unescaped(text) ?? text;
  const { WAXSEAL_KEYS: member } = document as { readonly WAXSEAL_KEYS?: unknown };
  return typeof member === 'string' ? member : text;
}

function unescaped(text: string): string | undefined {
  const candidates = [parsed(`"${text}"`), text.replace(/\\[nrt]/g, ' ')];
  return candidates.find((candidate): candidate is string => typeof candidate === 'string' && parsed(candidate) !== undefined);
}

function unwrappedOnce(text: string): string {
  const quoted = /^(["'`])([\s\S]*)\1$/.exec(text);
  if (quoted !== null) {
    const string = quoted[1] === '"' ? parsed(text) : undefined;
    return typeof string === 'string' ? string : (quoted[2] ?? '');
  }
  const named = /^(?:(?:export\s+)?WAXSEAL_KEYS\s*=|base64:|data:[^,]*;base64,)([\s\S]*)$/i.exec(text);
  return named?.[1] ?? fromBase64(text.replace(/\s|\\[nrt]/g, '')) ?? text;
}

/** Returns undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
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
    // PowerShell encodes UTF-16, in which the second byte of an ASCII character is zero.
    const isUtf16 = bytes[1] === 0 || (bytes[0] === 0xff && bytes[1] === 0xfe);
    return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}
