/** The types and files of the test vectors: see ../vectors/README.md. */
import { readFileSync } from 'node:fs';

/** What good and bad vectors share: the call, and the expected outcome. */
export interface Vector {
  readonly name: string;
  /** The name of a ring in the same file. */
  readonly ring: string;
  readonly now: number;
  readonly audience?: string;
  readonly subject?: string;
  readonly notBefore?: number;
  readonly kinds: readonly string[];
  readonly needs: readonly string[];
  readonly maxLength?: number;
  readonly stateMustBe?: 'object' | 'string' | 'never';
  readonly handle: unknown;
}

export interface GoodVector extends Vector {
  readonly claims: { readonly st: unknown };
}

export interface BadVector extends Vector {
  readonly step: number;
  readonly code: string;
  readonly reason?: string;
}

/** A file of vectors, with their rings. */
export interface VectorFile<Of extends Vector> {
  readonly rings: Readonly<Record<string, { readonly keys: readonly Record<string, unknown>[] }>>;
  readonly vectors: readonly Of[];
}

export const good: VectorFile<GoodVector> = read('good.json');
export const bad: VectorFile<BadVector> = read('bad.json');

function read<Of extends Vector>(name: string): VectorFile<Of> {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}
