/** The stores in which the compared servers keep their tasks. */
/** The lifetime of a task in seconds. It equals the lifetime of a handle of the research tools. */
const LIFETIME_S = 86_400;

/**
 * Makes a store in the memory of the process, like the examples in articles on stateless MCP. The store never removes a
 * task.
 */
export function mapStore() {
  return new Map();
}

/**
 * Makes a store in Redis, which articles on stateless MCP recommend for production. The store has one connection, and
 * writes each task as JSON with a deadline.
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
