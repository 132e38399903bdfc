import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync('docs/reference/reasons.md', 'utf8');
const described = new Set(
  [...page.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, reason]) => reason)),
);

test.each([
  ['RefusalReason', 'src/server/app/refusals.ts'],
  ['TokenReason', 'src/server/app/authorization/claims.ts'],
  ['RejectionReason', 'src/handle/errors.ts'],
])('docs/reference/reasons.md describes every %s', (name, file) => {
  const [, union = ''] = new RegExp(`export type ${name} =([^;]+);`).exec(readFileSync(file, 'utf8')) ?? [];
  const reasons = [...union.matchAll(/'([a-z_]+)'/g)].map(([, reason]) => reason);
  expect(reasons.length).toBeGreaterThan(10);
  expect(reasons.filter((reason) => !described.has(reason))).toEqual([]);
});
