import { expect, it } from 'vitest';
import * as client from '../../src/client/index.ts';

it('waxseal/client exports the wallet, the audit, redaction and the search for handles', () => {
  expect(Object.keys(client).sort()).toEqual(
    ['SEVERITIES', 'createAudit', 'createRedactor', 'createWallet', 'defaultWalletFile', 'findHandles', 'isHandle', 'withWallet'].sort(),
  );
});
