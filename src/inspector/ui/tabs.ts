/** Shows one of the page's two views at a time, with a tab for each view (WAI-ARIA Authoring Practices, tabs). */
import { byId } from './dom.ts';

const VIEWS = ['handle', 'log'] as const;
export type View = (typeof VIEWS)[number];

export function showTab(view: View): void {
  for (const name of VIEWS) {
    const tab = byId(`tab-${name}`, HTMLElement);
    tab.setAttribute('aria-selected', String(name === view));
    tab.tabIndex = name === view ? 0 : -1;
    byId(`view-${name}`, HTMLElement).hidden = name !== view;
  }
}

/** Makes the tabs react to clicks and keys. */
export function wireTabs(): void {
  for (const [at, name] of VIEWS.entries()) {
    const tab = byId(`tab-${name}`, HTMLElement);
    tab.addEventListener('click', () => showTab(name));
    tab.addEventListener('keydown', ({ key }) => {
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[key];
      const view = next === undefined ? undefined : VIEWS.at(next % VIEWS.length);
      if (view === undefined) return;
      showTab(view);
      byId(`tab-${view}`, HTMLElement).focus();
    });
  }
}
