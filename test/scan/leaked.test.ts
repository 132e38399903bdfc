import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { seal } from '../../src/handle/index.ts';
import { createRedactor } from '../../src/scan/index.ts';
import { DECORATIONS } from '../fuzz/redact/decorations.mjs';
import { leakIn, placesOfSecret, twinOf } from '../fuzz/redact/leaks.mjs';
import { claimsWith, newKeys } from '../handle/support.ts';

let handles: string[];
beforeAll(async () => {
  const { key } = await newKeys();
  handles = await Promise.all([1, 2].map(() => seal(claimsWith({ st: randomBytes(60).toString('hex') }), key)));
});

type Step = readonly [name: string, size: number];
const ONE = ([one = '']: readonly string[]) => `handle: ${one}`;
const TWO = ([one = '', other = '']: readonly string[]) => `${one}\n${other}`;
/** Writes a handle in two rows of a table. An escaped line break and the end of a row are within the header. */
const ROWS = ([one = '']: readonly string[]) => {
  const end = one.indexOf('..') - 11;
  return `| "${one.slice(0, 27)}\\n${one.slice(27, end)} |\n| ${one.slice(end)}" |`;
};
const END = ([one = '']: readonly string[]) => one.slice(-80);

/**
 * Ways to alter a handle, after which the redactor once left a part of it. test/fuzz/redact.mjs found them. Each has
 * the function that writes the text, and the decorations (changes that programs make to text) that are then applied.
 */
const LEAKED: readonly (readonly [form: (handles: readonly string[]) => string, ...steps: Step[]])[] = [
  // The redactor read a piece and the handle after it as one word, and left the piece.
  [TWO, ['quoted-printable', 123], ['of docker’s json-file', 153]],
  [TWO, ['of a container runtime (CRI)', 74], ['quoted twice', 44], ['in a list', 62]],
  [TWO, ['in JSON', 178], ['put together by a program', 40]],
  // Each character of the handle had a colour code before it, and lines were folded inside these codes.
  [ONE, ['of all colours', 40], ['folded', 40]],
  [ONE, ['of all colours', 140], ['indented', 105]],
  [ONE, ['of all colours', 77], ['of syslog', 40]],
  [ONE, ['of all colours', 40], ['in literals side by side', 40], ['folded in a URL', 40]],
  [ONE, ['of all colours', 153], ['folded in JSON', 117]],
  [ONE, ['of all colours', 114], ['in JSON', 64], ['in a Go program’s JSON', 112]],
  // The last characters were too few to be judged alone.
  [END, ['of all colours', 157], ['in a row of a table', 121], ['with places to break, as HTML', 81]],
  [END, ['of all colours', 135], ['in a list', 88], ['in a comment', 76]],
  // The next line had not arrived. It begins with a prefix that the redactor does not know.
  [END, ['of kubectl', 40]],
  [END, ['found by grep', 40]],
  // The end of a chunk had many numeric escapes.
  [ONE, ['of docker compose', 138], ['in a URL', 89], ['in literals side by side', 191]],
  [ONE, ['of a logger', 147], ['folded in a URL', 114], ['lines of Windows', 186]],
  // The redactor believed that a piece at the end of a table row was the name of a container. Without this piece, the
  // header looked like the header of another token.
  [ROWS, ['indented', 200]],
];

function decorated(steps: readonly Step[], text: string): string {
  return steps.reduce((text, [name, size]) => DECORATIONS.find((one) => one.name === name)?.apply(text, size) ?? '', text);
}

describe('redact', () => {
  it.each(LEAKED.map(([form, ...steps]) => [steps.map((step) => step.join(' ')).join(', '), form, steps] as const))(
    'replaces every piece of a handle, or reports its line, where it once missed a piece: %s',
    async (_name, form, steps) => {
      const write = (handles: readonly string[]) => `first line\n${decorated(steps, form(handles))}\nlast line: all good\n`;
      const [text, places] = [write(handles), placesOfSecret(write(handles), write(handles.map(twinOf)))];
      expect(places.length).toBeGreaterThan(70);
      // In chunks of one character, a long text would take seconds.
      for (const chunk of text.length > 5_000 ? [text.length, 9, 191] : [text.length, 1, 9, 31, 191, 1_063]) {
        const redactor = createRedactor();
        let out = '';
        for (let at = 0; at < text.length; at += chunk) out += await redactor.push(text.slice(at, at + chunk));
        out += await redactor.end();
        expect(leakIn({ text, out, places, ...redactor.count }), `chunks of ${chunk}`).toBeUndefined();
      }
    },
  );
});
