// Tabs by the keyboard too: arrows, Home and End go from one to the next, and Tab goes into the panel.
// https://www.w3.org/WAI/ARIA/apg/patterns/tabs/

/** `opened` is told of each panel that is shown. */
export function openTabs(root: HTMLElement, opened: (panel: HTMLElement) => void): void {
  const tabs = [...root.querySelectorAll<HTMLElement>('[role=tab]')];
  const panelOf = (tab: HTMLElement) => document.getElementById(tab.getAttribute('aria-controls') ?? '');

  function show(wanted: HTMLElement): void {
    for (const tab of tabs) {
      const chosen = tab === wanted;
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      const panel = panelOf(tab);
      if (panel) panel.hidden = !chosen;
      if (panel && chosen) opened(panel);
    }
  }

  root.addEventListener('click', ({ target }) => {
    const tab = target instanceof Element ? target.closest<HTMLElement>('[role=tab]') : null;
    if (tab) show(tab);
  });
  root.addEventListener('keydown', event => {
    const at = tabs.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const next = to === undefined ? undefined : tabs.at(to % tabs.length);
    if (!next) return;
    event.preventDefault();
    show(next);
    next.focus();
  });

  const list = root.querySelector<HTMLElement>('[role=tablist]');
  if (list) list.hidden = false;
  if (tabs[0]) show(tabs[0]);
}
