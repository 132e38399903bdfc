import { readFileSync, statSync } from 'node:fs';
import { kidOf } from './mcp.mjs';
import { waxseal } from './programs.mjs';

/**
 * Rotates a ring file, and counts the handles of each key. The class reads the file, so it knows how far the key of a
 * presented handle is behind the minting key.
 */
export class Keys {
  /** The keys, the oldest first: `kid`, `nbf`, and the counts. */
  list = [];
  /**
   * How many answers have a handle with a newer key than the presented handle, and how many with an older key. The
   * second number must be 0.
   */
  newer = 0;
  older = 0;
  /**
   * The rotations. `kid` names the new key. `at` is the time when this key was written to the file, in milliseconds
   * since 1970.
   */
  rotations = [];
  #byKid = new Map();

  constructor(path) {
    this.path = path;
  }

  async generate() {
    await waxseal(['keys', 'generate', '--out', this.path, '--retire-after', '1h']);
    this.#read();
  }

  /** Rotates the ring. @param activateIn the seconds until the new key mints */
  async rotate(activateIn) {
    await waxseal(['keys', 'rotate', '--keys', this.path, '--activate-in', `${activateIn}s`, '--retire-after', '1h']);
    this.#read();
    const added = this.list.at(-1);
    this.rotations.push({ kid: added.kid, at: statSync(this.path).mtimeMs });
    return added;
  }

  /** Returns the index in `list` of the minting key. */
  minting() {
    const now = Math.floor(Date.now() / 1000);
    return this.list.findLastIndex(({ nbf }) => nbf <= now);
  }

  /** Returns the place of a handle's key, counted from 1, or 0 without a handle. */
  placeOf(handle) {
    return handle === undefined ? 0 : this.#byKid.get(kidOf(handle)).place + 1;
  }

  /** Counts a call, with its presented handle and the handle in the answer. */
  count(presented, returned) {
    const after = this.#byKid.get(kidOf(returned));
    if (presented !== returned) after.minted += 1;
    if (presented === undefined) return;
    const before = this.#byKid.get(kidOf(presented));
    const behind = this.minting() - before.place;
    before.presented += 1;
    if (behind > 0) before.late += 1;
    before.behind = Math.max(before.behind, behind);
    if (after.place > before.place) this.newer += 1;
    if (after.place < before.place) this.older += 1;
  }

  /** Returns rows for the report. @param since when the run began, in seconds since 1970 */
  rows(since) {
    const head = ['key', 'mints from', 'minted', 'presented', 'after it retired', 'most keys behind'];
    const seconds = (moment) => `${moment >= since ? '+' : ''}${Math.round(moment - since)} s`;
    const row = ({ kid, nbf, minted, presented, late, behind }) => [kid, seconds(nbf), minted, presented, late, behind];
    return [head, ...this.list.map(row)];
  }

  #read() {
    const { keys } = JSON.parse(readFileSync(this.path, 'utf8'));
    for (const { kty, kid, nbf } of keys) {
      if (kty !== 'oct' || this.#byKid.has(kid)) continue;
      const key = { kid, nbf, place: this.list.length, minted: 0, presented: 0, late: 0, behind: 0 };
      this.list.push(key);
      this.#byKid.set(kid, key);
    }
  }
}
