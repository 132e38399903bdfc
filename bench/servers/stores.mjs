/** Where the compared servers keep their tasks. */
/** The lifetime of a task in seconds: that of a handle of the research tools. */
const LIFETIME_S = 86_400;

/** A store in the process's memory, as in articles on stateless MCP. It never removes a task. */
export function mapStore() {
  return new Map();
}

/** A store in Redis, which such articles recommend for production. Each task is JSON with a deadline. */
export async function redisStore(url) {
  // At the top of the file, this import would slow the start of a server without Redis.
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
