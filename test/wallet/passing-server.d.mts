export interface Served {
  readonly url: string;
  close(): Promise<void>;
}
export interface Passing extends Served {
  /** Returns the number of calls of `wait` that were cancelled. */
  cancelled(): number;
}
export function madeUpHandle(text: string): string;
export const REQUEST_STATE: string;
export function servePassing(options?: { readonly ownList?: boolean }): Promise<Passing>;
export function serveFetch(handle: (request: Request) => Response | Promise<Response>): Promise<Served>;
