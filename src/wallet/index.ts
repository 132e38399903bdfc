/** The wallet: it keeps the handles of an MCP server, and gives the model aliases. It needs Node. */
export { defaultWalletFile, type WalletState, type WalletStore } from './store.ts';
export { type AnyTransport, withWallet } from './transport.ts';
export { createWallet, type Wallet, type WalletOptions } from './wallet.ts';
