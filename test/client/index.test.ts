import { expect, it } from 'vitest';
import * as client from '../../src/client/index.ts';

it('gives the client’s side in one', () => {
  expect(Object.keys(client).sort()).toEqual(
    ['SEVERITIES', 'createAudit', 'createRedactor', 'createWallet', 'defaultWalletFile', 'findHandles', 'isHandle', 'withWallet'].sort(),
  );
});
