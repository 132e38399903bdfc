// @ts-check
/** Shopping baskets. Each has its own handle, so a client can have as many as it likes. */
import { createTool, defineKind, endTool, handleOf, readTool, ToolRefusal, updateTool } from 'waxseal';
import * as z from 'zod';
import { euros, productOf } from './products.mjs';

const Name = z.string().min(1).max(80);
const Sku = z.string().max(40);
const Quantity = z.int().min(1).max(99);

/**
 * A change of a basket: an id, a product and a quantity, which is negative if the product was removed.
 *
 * The state lists changes, so that copies of a basket can be merged. A change that two copies share has one id, and
 * counts once. A change is a tuple, because names of members would make every handle longer.
 */
const Change = z.tuple([z.string(), Sku, z.int()]);

const state = z.strictObject({
  name: Name,
  changes: z.array(Change),
  ordered: z.boolean(),
});

/** @typedef {z.output<typeof state>} Basket */

const basket = defineKind({ name: 'basket', version: 1, schema: state, lifetime: 86_400 });

const contents = { items: z.array(z.object({ sku: Sku, quantity: z.int() })), total: z.int().describe('cents') };

const create = createTool(
  basket,
  'create_basket',
  {
    description: 'Creates a shopping basket. Returns a handle that is the basket: pass the newest to the next call.',
    inputSchema: { name: Name.default('Basket') },
  },
  ({ name }) => ({
    state: { name, changes: [], ordered: false },
    text: `Created the basket "${name}".`,
  }),
);

const add = updateTool(
  basket,
  'add_item',
  {
    description: 'Puts a product into a basket. Returns its new handle.',
    inputSchema: { sku: Sku, quantity: Quantity.default(1) },
    outputSchema: contents,
  },
  (before, { sku, quantity }) => {
    const product = productOf(sku);
    if (product === undefined)
      throw new ToolRefusal('unknown_product', `There is no product "${sku}". Use find_products to find products.`);
    return changed(before, sku, quantity, `Added ${quantity} × ${product.name}.`);
  },
);

const remove = updateTool(
  basket,
  'remove_item',
  {
    description: 'Takes a product out of a basket: all of it, or a quantity. Returns its new handle.',
    inputSchema: { sku: Sku, quantity: Quantity.optional() },
    outputSchema: contents,
  },
  (before, { sku, quantity = Infinity }) => {
    const held = itemsIn(before).find((item) => item.sku === sku)?.quantity ?? 0;
    if (held === 0) throw new ToolRefusal('not_in_basket', `"${sku}" is not in the basket. Use show_basket to see what is.`);
    return changed(before, sku, -Math.min(held, quantity), `Removed ${Math.min(held, quantity)} × ${productOf(sku)?.name ?? sku}.`);
  },
);

const merge = updateTool(
  basket,
  'merge_baskets',
  {
    description:
      'Adds everything in another basket to a basket. If both are copies of one basket, shared changes count once. Returns its new handle.',
    inputSchema: { other: handleOf(basket) },
    outputSchema: contents,
  },
  (before, { other }) => {
    const changes = [...requireOpen(before).changes, ...requireOpen(other).changes];
    const after = { ...before, changes: [...new Map(changes.map((change) => [change[0], change])).values()] };
    return { state: after, structuredContent: sumOf(after), text: `Merged.\n${listOf(after)}` };
  },
);

const show = readTool(
  basket,
  'show_basket',
  {
    description: 'Shows what is in a basket. The handle stays the same.',
    outputSchema: { name: Name, ...contents, ordered: z.boolean() },
  },
  (shown) => ({ structuredContent: { name: shown.name, ...sumOf(shown), ordered: shown.ordered }, text: listOf(shown) }),
);

const checkout = endTool(
  basket,
  'checkout',
  {
    description: 'Orders what is in a basket. Returns its final handle.',
    outputSchema: { order: z.string(), ...contents },
  },
  (before, _input, { task }) => {
    if (itemsIn(requireOpen(before)).length === 0)
      throw new ToolRefusal('empty_basket', 'The basket is empty. Use add_item to put something into it.');
    // A real shop would take the order here, under the task's id. It would accept each id once, even if several copies
    // of the basket are checked out.
    const after = { ...before, ordered: true };
    return { state: after, structuredContent: { order: task, ...sumOf(after) }, text: `Ordered, as order ${task}.\n${listOf(after)}` };
  },
);

/** The tools, in the order in which clients list them. */
export const basketTools = [create, add, remove, merge, show, checkout];

/**
 * Adds a change to a basket, and returns the result of the handler.
 *
 * @param {Basket} before
 * @param {string} sku
 * @param {number} quantity negative if the product is removed
 * @param {string} done a sentence for the model: what was done
 */
function changed(before, sku, quantity, done) {
  /** @type {z.output<typeof Change>} */
  const change = [crypto.randomUUID().slice(0, 8), sku, quantity];
  const after = { ...before, changes: [...requireOpen(before).changes, change] };
  return { state: after, structuredContent: sumOf(after), text: `${done}\n${listOf(after)}` };
}

/** @param {Basket} basket */
function requireOpen(basket) {
  if (basket.ordered) throw new ToolRefusal('basket_ordered', 'This basket was ordered. Use create_basket to start another.');
  return basket;
}

/** @param {Basket} basket */
function itemsIn({ changes }) {
  /** @type {Map<string, number>} */
  const held = new Map();
  for (const [, sku, quantity] of changes) held.set(sku, (held.get(sku) ?? 0) + quantity);
  // A sum is negative if two agents have both removed the last piece of a product.
  return [...held].filter(([, quantity]) => quantity > 0).map(([sku, quantity]) => ({ sku, quantity }));
}

/** @param {Basket} basket */
function sumOf(basket) {
  const items = itemsIn(basket);
  return { items, total: items.reduce((sum, { sku, quantity }) => sum + quantity * (productOf(sku)?.price ?? 0), 0) };
}

/** @param {Basket} basket */
function listOf(basket) {
  const { items, total } = sumOf(basket);
  const lines = items.map(({ sku, quantity }) => `- ${quantity} × ${productOf(sku)?.name ?? sku}`);
  return [`"${basket.name}", ${euros(total)}:`, ...lines].join('\n');
}
