/** A list in which the user chooses one item, by clicks or keys (WAI-ARIA Authoring Practices, listbox). */
import { type Child, el } from './dom.ts';

export interface Item {
  /** The item's key, which is unique in its list. */
  readonly key: string;
  readonly content: readonly Child[];
}

export interface Listbox {
  readonly element: HTMLElement;
  /** Chooses the item with a key, as a click on the item does. If no item has the key, nothing happens. */
  choose(key: string, options?: { readonly focus?: boolean }): void;
}

/** Makes a list. @param onChoose called with the key of the chosen item, whenever the choice changes */
export function listbox(label: string, items: readonly Item[], onChoose: (key: string) => void): Listbox {
  const options = items.map(({ content }, at) =>
    el('div', { role: 'option', 'aria-selected': 'false', tabindex: at === 0 ? 0 : -1 }, ...content),
  );
  const element = el('div', { role: 'listbox', class: 'list', 'aria-label': label }, ...options);
  let chosen = -1;

  function chooseAt(at: number, focus: boolean): void {
    const [option, item] = [options[at], items[at]];
    if (option === undefined || item === undefined) return;
    if (chosen !== at) {
      for (const other of [options[chosen], options[0]]) {
        other?.setAttribute('aria-selected', 'false');
        other?.setAttribute('tabindex', '-1');
      }
      option.setAttribute('aria-selected', 'true');
      option.setAttribute('tabindex', '0');
      chosen = at;
      onChoose(item.key);
    }
    if (focus) option.focus();
  }

  element.addEventListener('click', ({ target }) =>
    chooseAt(
      options.findIndex((option) => option.contains(target as Node)),
      true,
    ),
  );
  element.addEventListener('keydown', (event) => {
    const at = options.findIndex((option) => option.contains(document.activeElement));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1, Enter: at, ' ': at }[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    chooseAt(next, true);
  });
  return {
    element,
    choose: (key, { focus = false } = {}) =>
      chooseAt(
        items.findIndex((item) => item.key === key),
        focus,
      ),
  };
}
