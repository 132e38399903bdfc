/** A key ring's text, however a deployment tool wrapped it. */
import { RingError } from './errors.ts';
import { parseRing, type Ring } from './ring.ts';

/**
 * Parses a ring that was delivered as a text. Where it is none, no other is advised: somebody has the right one, and a
 * ring made in its place would open none of the handles there are.
 *
 * @throws {RingError} saying what is wrong with it, and nothing of it
 */
export async function parseDelivered(text: string): Promise<Ring> {
  try {
    return await parseRing(unwrappedRing(text));
  } catch (error) {
    if (!(error instanceof RingError)) throw error;
    throw new RingError(error.message.replace(/Generate a ring with: .*$/, 'Give the text of the ring whole, as it was written.'));
  }
}

/** How many wrappings are taken off: a quoted base64 of a quoted text has three. */
const MOST_WRAPPINGS = 4;

/**
 * Takes off what secret managers, shells and `.env` files put around the text of a ring: quotation marks, the
 * backslashes of a JSON string, base64. What is then no ring goes on as it came, for the error to say so.
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

/** What a JSON string says; undefined where it is none. */
function jsonString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text in base64 or base64url, with its padding or without; undefined where it is none. */
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
