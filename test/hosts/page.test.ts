import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pageOf } from './page.mjs';

interface Results {
  readonly hosts: readonly { readonly name: string; readonly steps: readonly { readonly passed: boolean }[] }[];
}

const results: Results = JSON.parse(readFileSync('test/hosts/results.json', 'utf8'));

describe('the page about clients', () => {
  it('is made from the stored results', () => {
    expect(readFileSync('docs/clients.md', 'utf8')).toBe(pageOf(results));
  });

  it('contains only hosts in which every step passed', () => {
    const steps = results.hosts.flatMap(({ name, steps }) => steps.map(({ passed }) => ({ name, passed })));
    expect(steps.length).toBeGreaterThan(70);
    expect(steps.filter(({ passed }) => !passed)).toEqual([]);
  });
});
