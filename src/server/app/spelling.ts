/**
 * Corrects the spelling of JSON-RPC messages. Some clients write `[]` for an empty object, or `null` for an absent
 * member, or add members of their own. The SDK refuses such messages, although their meaning is clear.
 */

type Members = Readonly<Record<string, unknown>>;

/**
 * The members of `_meta` in which a client of MCP 2026-07-28 describes itself. Earlier clients use the `params` of
 * `initialize`.
 */
const RESERVED = 'io.modelcontextprotocol/';
const [CLIENT, CAPABILITIES] = [`${RESERVED}clientInfo`, `${RESERVED}clientCapabilities`];

/**
 * Corrects a message, or each message of a batch:
 *
 * - where MCP defines an object, `[]` becomes an empty object
 * - where MCP defines an optional member, a member with the value `null` is left out
 * - beside the members of JSON-RPC, further members are left out
 *
 * The arguments of a tool stay as they are.
 *
 * @param body the parsed body of a request, or a parsed line of standard input
 * @returns the corrected message; the given value if nothing needs correction, or if it is not a message
 */
export function wellSpelled(body: unknown): unknown {
  if (!Array.isArray(body)) return message(body);
  const messages = body.map(message);
  return messages.some((one, at) => one !== body[at]) ? messages : body;
}

/** The members of JSON-RPC's messages. */
const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

function message(given: unknown): unknown {
  if (!isMembers(given)) return given;
  const { method } = given;
  const isNotification = typeof method === 'string' && method.startsWith('notifications/');
  const own = 'jsonrpc' in given ? without(given, ([name]) => !MEMBERS.includes(name)) : given;
  const spelled = withoutNull(own, (name) => name !== 'id' || isNotification);
  if (typeof method !== 'string' || spelled['params'] === undefined) return spelled;
  return withMember(spelled, 'params', paramsOf(method, spelled['params']));
}

function paramsOf(method: string, given: unknown): unknown {
  if (isEmptyList(given)) return {};
  if (!isMembers(given)) return given;
  const params = withMember(withoutNull(given), '_meta', metaOf(given['_meta']));
  if (method !== 'initialize') return params;
  const capabilities = capabilitiesOf(given['capabilities'] ?? {});
  return withMember(withMember(params, 'capabilities', capabilities), 'clientInfo', infoOf(given['clientInfo']));
}

function metaOf(given: unknown): unknown {
  if (isEmptyList(given)) return {};
  if (!isMembers(given)) return given;
  const meta = withoutNull(given, (name) => name === 'progressToken' || name.startsWith(RESERVED));
  return withMember(withMember(meta, CAPABILITIES, capabilitiesOf(meta[CAPABILITIES])), CLIENT, infoOf(meta[CLIENT]));
}

/** Corrects the capabilities. MCP defines them as an object, and each capability as an object, too. */
function capabilitiesOf(given: unknown): unknown {
  if (isEmptyList(given)) return {};
  if (!isMembers(given)) return given;
  const capabilities = withoutNull(given);
  if (!Object.values(capabilities).some(isEmptyList)) return capabilities;
  return Object.fromEntries(Object.entries(capabilities).map(([name, value]) => [name, isEmptyList(value) ? {} : value]));
}

function infoOf(given: unknown): unknown {
  return isMembers(given) ? withoutNull(given) : given;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Leaves out optional members whose value is `null`. */
function withoutNull(members: Members, mayBeAbsent: (name: string) => boolean = () => true): Members {
  return without(members, ([name, value]) => value === null && mayBeAbsent(name));
}

function without(members: Members, isAbsent: (entry: [string, unknown]) => boolean): Members {
  const entries = Object.entries(members);
  return entries.some(isAbsent) ? Object.fromEntries(entries.filter((entry) => !isAbsent(entry))) : members;
}

/** Replaces a member. If the new value is undefined, `null` or the old value, nothing changes. */
function withMember(members: Members, name: string, value: unknown): Members {
  return value === undefined || value === null || value === members[name] ? members : { ...members, [name]: value };
}
