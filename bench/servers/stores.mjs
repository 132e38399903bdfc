/** Where the compared servers keep their tasks. */
/** As long as our handles live. Seconds. */
const LIFETIME_S = 86_400;

/** In the process, as the article's example does: nothing is ever taken out. */
export function mapStore() {
  return new Map();
}

/** In Redis, as the article recommends for production: one connection, JSON, a deadline for every task. */
export async function redisStore(url) {
  // Loaded only here: it takes its time, of which a server without Redis has no need.
  const { createClient } = await import('redis');
  const client = await createClient({ url }).connect();
  return {
    get: async (handle) => {
      const text = await client.get(handle);
      return text === null ? undefined : JSON.parse(text);
    },
    set: (handle, task) => client.set(handle, JSON.stringify(task), { expiration: { type: 'EX', value: LIFETIME_S } }),
  };
}
