/** Returns the text of ../stops.wasm.ts. */
export function compiled(): Promise<string>;
