/** The client's side: keeps real handles and gives the model aliases, and finds handles in any text. Needs Node. */
export { type Audit, type AuditOptions, type AuditReport, createAudit, SEVERITIES, type Severity } from '../audit/audit.ts';
export { type FoundHandle, findHandles, isHandle } from '../scan/find.ts';
export { createRedactor, type Redactor } from '../scan/redact.ts';
export { defaultWalletFile, type WalletState, type WalletStore } from './store.ts';
export { type AnyTransport, createWallet, type Wallet, type WalletOptions, withWallet } from './wallet.ts';
