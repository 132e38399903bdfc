/** The stores in which the compared servers keep their tasks. */
/** The lifetime of a task, the same as that of a handle. Seconds. */
const LIFETIME_S = 86_400;

/** Tasks in the memory of the process, as in the article's example. No task is ever removed. */
export function mapStore() {
  return new Map();
}

/** Tasks in Redis, as the article recommends for production: one connection, JSON, and a deadline for every task. */
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
