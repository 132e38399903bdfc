/** The client's side in one: handles in any text, audits of logs, and the wallet. Needs Node, which only the wallet does. */
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
