/** Divides long work into short pieces, so that the browser can draw and react to clicks between them. */

/** The longest time that the page works without a pause, in milliseconds. */
const PIECE = 12;

/**
 * Returns a function to await between the steps of long work. The function pauses if its last pause was at least
 * {@link PIECE} ago.
 */
export function createPause(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < PIECE) return;
    await nextTask();
    since = performance.now();
  };
}

/** Lets the browser do other tasks. A timer would wait at least 4 ms, and a second in a hidden page. */
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
