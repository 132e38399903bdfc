import type { MintingKey } from '../handle/index.ts';
import { mintingKey } from '../keys/index.ts';
import { ToolRefusal } from './define/tool.ts';
import type { Environment } from './environment.ts';

/**
 * The key that new handles are sealed with.
 *
 * @param now seconds since 1970
 * @throws {ToolRefusal} `unavailable`, where the ring has none
 */
export function keyToMint({ ring }: Environment, now: number): MintingKey {
  const key = mintingKey(ring(), now);
  if (key !== undefined) return key;
  throw new ToolRefusal(
    'unavailable',
    'This server cannot issue handles at the moment. Nothing is lost: try again later with the same arguments.',
  );
}
