/** The wallet keeps the handles of an MCP server, and gives the model aliases instead. It needs Node. */
export { defaultWalletFile, type WalletState, type WalletStore } from './store.ts';
export { type AnyTransport, withWallet } from './transport.ts';
export { createWallet, type Wallet, type WalletOptions } from './wallet.ts';
