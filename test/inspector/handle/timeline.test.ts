import { describe, expect, it } from 'vitest';
import { placesOf } from '../../../src/inspector/handle/timeline.ts';

describe("the line of a handle's life", () => {
  it('is to scale if the present time is within the life of the handle', () => {
    expect(placesOf({ iat: 100, exp: 200 }, 150)).toEqual({ issued: 0, now: 0.5, expires: 1, toScale: true });
  });

  it('keeps its labels apart if the present time is outside the life of the handle, and says that it is not to scale', () => {
    expect(placesOf({ iat: 0, exp: 10 }, 1_000)).toEqual({ issued: 0, now: 1, expires: 0.26, toScale: false });
    expect(placesOf({ iat: 990, exp: 1_000 }, 0)).toEqual({ issued: 0.74, now: 0, expires: 1, toScale: false });
  });
});
