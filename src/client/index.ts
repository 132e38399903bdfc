/** What a client needs: finding handles in text, auditing logs, and the wallet. Only the wallet needs Node. */
export { type Audit, type AuditOptions, type AuditReport, createAudit, SEVERITIES, type Severity } from '../audit/index.ts';
export { createRedactor, type FoundHandle, findHandles, isHandle, type Redactor } from '../scan/index.ts';
export {
  type AnyTransport,
  createWallet,
  defaultWalletFile,
  type Wallet,
  type WalletOptions,
  type WalletState,
  type WalletStore,
  withWallet,
} from '../wallet/index.ts';
