/** The client's side: keeps real handles and gives the model aliases, and finds handles in any text. Needs Node. */
export { type Audit, type AuditOptions, type AuditReport, createAudit, SEVERITIES, type Severity } from './audit.ts';
export { type FoundHandle, findHandles, isHandle } from './find.ts';
export { createRedactor, type Redactor } from './redact.ts';
export { type AnyTransport, createWallet, type Wallet, type WalletOptions, withWallet } from './wallet.ts';
export { defaultWalletFile, type WalletState, type WalletStore } from './wallet-store.ts';
