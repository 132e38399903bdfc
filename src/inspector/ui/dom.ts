/** Elements, made one by one: whatever a handle or a log says becomes text, and never markup. */
import { utc } from '../../handle/index.ts';
import { relative, visible } from '../../scan/words.ts';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
export type Child = Node | string | false | undefined;

/** Makes an element of HTML. Attributes that are false or undefined are left out. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), attributes, children);
}

/** Makes an element of SVG. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  return furnish(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function furnish<Made extends Element>(element: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : visible(String(value)));
  }
  fill(element, ...children);
  return element;
}

/** Replaces what an element contains. */
export function fill(element: Element, ...children: Child[]): void {
  const shown = children.filter((child) => child !== undefined && child !== false);
  element.replaceChildren(...shown.map((child) => (typeof child === 'string' ? visible(child) : child)));
}

/** Says something where it is announced, unless it says that already. */
export function say(element: Element, text = ''): void {
  if (element.textContent !== visible(text)) fill(element, text);
}

/** A list of names and what they stand for; what is undefined is left out. */
export function facts(named: Readonly<Record<string, Child>>): HTMLElement {
  const pairs = Object.entries(named).filter(([, value]) => value !== undefined && value !== false);
  return el('dl', { class: 'facts' }, ...pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/** A moment, in ISO 8601 and UTC. Seconds since 1970, with or without fractions. */
export function time(seconds: number): HTMLElement {
  const text = utc(Math.floor(seconds));
  return el('time', { datetime: text }, text);
}

/** The same, and how far off it is. */
export function moment(seconds: number, now: number): HTMLElement {
  return el('span', {}, time(seconds), ` (${relative(seconds, now)})`);
}

/** The element of the page that has an id. @throws {Error} where the page has none: a mistake in its making */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${kind.name} "${id}"`);
}
