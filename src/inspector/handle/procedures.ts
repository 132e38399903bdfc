/** The two procedures of verification, where they differ (docs/handle-format.md, section 3). */
import { VERIFICATION_STEPS } from '../../handle/index.ts';
import { el } from '../ui/dom.ts';

const numberOf = (name: string) => VERIFICATION_STEPS.find((step) => step.name === name)?.number;

/** Who verifies decides which of two steps is made; all others are the same. */
const DIFFERENCES: readonly (readonly [what: string, replica: string, inspector: string])[] = [
  ['Its ring has', 'secrets and private keys: it can make handles', 'secrets and public keys: it cannot make any'],
  [
    `Step ${numberOf('Derived IV')}, Derived IV`,
    'recognises its own handles by it, and refuses any other',
    'not judged: an inspector cannot derive it',
  ],
  [
    `Step ${numberOf('Signature')}, Signature`,
    'not judged: nobody else could derive the IV',
    'verified under the public key of the same entry',
  ],
  [
    'What passes was',
    'issued by a replica, character for character',
    'signed by a replica; another inspector may have encrypted the same claims anew, with another fingerprint',
  ],
];

/** A table of the differences; the inspector's column is the page's own. */
export function procedures(): HTMLElement {
  const head = ['', 'A replica', 'An inspector: this page'].map((name) =>
    name === '' ? el('td') : el('th', { scope: 'col', class: name.startsWith('An') ? 'own' : undefined }, name),
  );
  const rows = DIFFERENCES.map(([what, replica, inspector]) =>
    el('tr', {}, el('th', { scope: 'row' }, what), el('td', {}, replica), el('td', { class: 'own' }, inspector)),
  );
  return el(
    'div',
    {},
    el('h3', { id: 'procedures-title' }, 'Two procedures'),
    el('p', {}, 'The ring decides which one applies. They differ in two steps, and neither makes the step of the other.'),
    el(
      'table',
      { class: 'procedures', 'aria-labelledby': 'procedures-title' },
      el('thead', {}, el('tr', {}, ...head)),
      el('tbody', {}, ...rows),
    ),
    el(
      'p',
      { class: 'hint' },
      'Where this very string must be proven, ask a replica: waxseal inspect, with a full ring, where that ring is kept.',
    ),
  );
}
