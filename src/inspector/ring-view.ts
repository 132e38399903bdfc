/** Reads the inspector ring and shows a summary of it. The page never keeps the ring's text. */
import { keyStateAt, parseDelivered, type Ring, RingError } from '../keys/index.ts';
import { counted } from '../scan/words.ts';
import { byId, el, fill, say, time } from './ui/dom.ts';

export const FULL_RING =
  'This is a full ring: anyone can make handles with its private signing keys. The page did not read the ring, and kept nothing of it. ' +
  'Make an inspector ring with: waxseal keys export --inspector. If this machine must not have the full ring, replace the keys of the ring.';

/**
 * Reads a ring.
 *
 * @returns the ring, or a message that says what is wrong with the ring
 */
export async function readRing(text: string): Promise<Ring | string> {
  try {
    const ring = await parseDelivered(text);
    return ring.entries.some(({ minting }) => minting !== undefined) ? FULL_RING : ring;
  } catch (error) {
    if (error instanceof RingError) return `${error.message} The page kept nothing of the text.`;
    throw error;
  }
}

/**
 * Shows the keys of the ring. Without a ring, it shows the field into which the user can paste a ring.
 *
 * @param now seconds since 1970
 */
export function showRing(ring: Ring | undefined, now: number): void {
  byId('ring-empty', HTMLElement).hidden = ring !== undefined;
  byId('ring-loaded', HTMLElement).hidden = ring === undefined;
  say(byId('ring-status', HTMLElement), ring && summaryOf(ring, now));
  fill(byId('ring-keys', HTMLElement), ring && tableOf(ring, now));
}

function summaryOf({ entries }: Ring, now: number): string {
  const states = entries.map((entry) => keyStateAt(entry, now));
  const numbers = [...new Set(states)].map((state) => `${states.filter((other) => other === state).length} ${state}`);
  return `${counted(entries.length, 'key')} (${numbers.join(', ')}). The ring opens and verifies handles, but cannot make handles.`;
}

function tableOf({ entries }: Ring, now: number): HTMLElement {
  const head = el('thead', {}, el('tr', {}, ...['Key', 'State', 'Mints until'].map((name) => el('th', { scope: 'col' }, name))));
  const rows = entries.map((entry) =>
    el('tr', {}, el('td', {}, el('code', {}, entry.kid)), el('td', {}, keyStateAt(entry, now)), el('td', {}, time(entry.exp))),
  );
  return el('table', {}, head, el('tbody', {}, ...rows));
}
