/** Long work in short pieces: between them the browser draws, and answers whoever clicks. */

/** How long a piece of work may be, in milliseconds. */
const PIECE = 12;

/** Makes what long work awaits between its steps: it lets the browser go on where the last time was long enough ago. */
export function createPause(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < PIECE) return;
    await nextTask();
    since = performance.now();
  };
}

/** A timer would wait for 4 ms, and in a page that is not seen for a second. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
