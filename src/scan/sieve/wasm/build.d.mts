/** Returns the text of ../scanner.wasm.ts. */
export function compiled(): Promise<string>;
