/** The wallet: keeps the real handles of an MCP server, and gives the model aliases. Needs Node. */
export { defaultWalletFile, type WalletState, type WalletStore } from './store.ts';
export { type AnyTransport, withWallet } from './transport.ts';
export { createWallet, type Wallet, type WalletOptions } from './wallet.ts';
