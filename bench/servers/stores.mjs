/** The stores in which the compared servers keep their tasks. */
/** The lifetime of a task in seconds. It equals the lifetime of a handle of the research tools. */
const LIFETIME_S = 86_400;

/** Makes a store in the memory of the process, as in the example of an article. The store never removes a task. */
export function mapStore() {
  return new Map();
}

/**
 * Makes a store in Redis, as the article recommends for production. It has one connection, and writes JSON with a
 * deadline for every task.
 */
export async function redisStore(url) {
  // The client is loaded only here, because loading it would slow the start of a server without Redis.
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
