/** Makes the elements of the page. Text from a handle or a log always becomes text, and never markup. */
import { utc } from '../../handle/index.ts';
import { relative, visible } from '../../scan/words.ts';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
/** A part of an element's content. The values false and undefined add nothing. */
export type Child = Node | string | false | undefined;

/** Makes an HTML element. Attributes that are false or undefined are left out. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), attributes, children);
}

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

/** Replaces the whole content of an element. */
export function fill(element: Element, ...children: Child[]): void {
  const shown = children.filter((child) => child !== undefined && child !== false);
  element.replaceChildren(...shown.map((child) => (typeof child === 'string' ? visible(child) : child)));
}

/**
 * Sets the text of an element that screen readers announce. An unchanged text is not set, because screen readers would
 * repeat it.
 */
export function say(element: Element, text = ''): void {
  if (element.textContent !== visible(text)) fill(element, text);
}

/** Makes a list of names and values. Values that are undefined or false are left out. */
export function facts(named: Readonly<Record<string, Child>>): HTMLElement {
  const pairs = Object.entries(named).filter(([, value]) => value !== undefined && value !== false);
  return el('dl', { class: 'facts' }, ...pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/** Makes an element with a time in ISO 8601 and UTC. @param seconds seconds since 1970; they may have fractions */
export function time(seconds: number): HTMLElement {
  const text = utc(Math.floor(seconds));
  return el('time', { datetime: text }, text);
}

/** Makes an element with a time and its distance from now. Both arguments are in seconds since 1970. */
export function moment(seconds: number, now: number): HTMLElement {
  return el('span', {}, time(seconds), ` (${relative(seconds, now)})`);
}

/** Returns the element of the page with the given id. @throws {Error} if the page has no element of this id and kind */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${kind.name} "${id}"`);
}
