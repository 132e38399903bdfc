import { readFileSync } from 'node:fs';

/** A realistic research task: its topic, its depth and its findings. */
export const research = JSON.parse(readFileSync(new URL('./findings.json', import.meta.url), 'utf8')) as {
  readonly topic: string;
  readonly depth: number;
  readonly findings: readonly string[];
};
