/** Shows how the two procedures of verification differ (docs/handle-format.md, section 6). */
import { VERIFICATION_STEPS } from '../../handle/index.ts';
import { el } from '../ui/dom.ts';

const numberOf = (name: string) => VERIFICATION_STEPS.find((step) => step.name === name)?.number;

/**
 * A replica judges the derived IV, and an inspector judges the signature. All other steps are the same in both
 * procedures.
 */
const DIFFERENCES: readonly (readonly [what: string, replica: string, inspector: string])[] = [
  ['The ring has', 'secrets and private keys: it can make handles', 'secrets and public keys: it cannot make handles'],
  [
    `Step ${numberOf('Derived IV')}, Derived IV`,
    'recognizes the IV of its own handles, and refuses any other IV',
    'not judged: an inspector cannot derive the IV',
  ],
  [
    `Step ${numberOf('Signature')}, Signature`,
    'not judged: the derived IV already proves that a holder of the private key made the handle',
    'verified with the public key that the kid names',
  ],
  [
    'A handle that passes was',
    'issued by a replica, character for character',
    'signed by a replica. An inspector may have encrypted it again, and so changed its fingerprint',
  ],
];

/** Makes a table of the differences. It marks the inspector's column, because this page verifies as an inspector. */
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
    el(
      'p',
      {},
      'The ring decides which procedure applies. The procedures differ in two steps, and each procedure judges only one of the two.',
    ),
    el(
      'table',
      { class: 'procedures', 'aria-labelledby': 'procedures-title' },
      el('thead', {}, el('tr', {}, ...head)),
      el('tbody', {}, ...rows),
    ),
    el(
      'p',
      { class: 'hint' },
      'To prove that a replica issued exactly these characters, run waxseal inspect with the full ring, on the machine that keeps the ring.',
    ),
  );
}
