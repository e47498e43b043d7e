import type { Component } from 'svelte';

import { matchPath, type PathParams } from '../model/paths';

export interface PageProps {
  /** Named parts of the address, e.g. params.slug. */
  params: PathParams;
}

export interface RouteDefinition {
  /** '/d/:slug/faces/:id' */
  pattern: string;
  /** Shown in the browser's title, after which comes the product's name. */
  title: string | (() => string);
  /** Loaded when first visited, so that the labelling pages stay small. */
  load: () => Promise<{ default: Component<PageProps> | Component<Record<string, never>> }>;
  /** The page draws its own bars and is dark by default. */
  labelling?: boolean;
}

export interface Match {
  route: RouteDefinition;
  params: PathParams;
}

class Router {
  /** Path and query of the present address, e.g. '/d/street/faces' and '?state=accepted'. */
  path = $state(location.pathname);
  search = $state(location.search);
  readonly query = $derived(new URLSearchParams(this.search));
  #leaving: (() => Promise<void>) | null = null;

  constructor() {
    addEventListener('popstate', () => {
      void this.#arrive();
    });
  }

  /** Lets the present page finish (see beforeLeaving): before another page, and before signing out. */
  async finishPage(): Promise<void> {
    await this.#leaving?.();
  }

  async #arrive(): Promise<void> {
    if (this.path !== location.pathname) await this.finishPage();
    this.path = location.pathname;
    this.search = location.search;
  }

  /** Go to an address of this application. */
  navigate(address: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    void this.#arrive().then(() => {
      if (!options.replace) scrollTo(0, 0);
    });
  }

  /** Change the query in place (filters): the address stays permanent, the page is not left. */
  setQuery(query: URLSearchParams, options: { replace?: boolean } = {}): void {
    const text = query.toString();
    const address = this.path + (text === '' ? '' : `?${text}`);
    if (options.replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.search = location.search;
  }

  /** Something to finish before the page changes (e.g. write the draft). Returns how to take it back. */
  beforeLeaving(finish: () => Promise<void>): () => void {
    this.#leaving = finish;
    return () => {
      if (this.#leaving === finish) this.#leaving = null;
    };
  }

  match(routes: readonly RouteDefinition[]): Match | null {
    for (const route of routes) {
      const params = matchPath(route.pattern, this.path);
      if (params) return { route, params };
    }
    return null;
  }
}

export const router = new Router();

/** True if a click on this link belongs to the router and not to the browser. */
function isOurs(event: MouseEvent, link: HTMLAnchorElement): boolean {
  return (
    event.button === 0 &&
    !event.metaKey &&
    !event.ctrlKey &&
    !event.shiftKey &&
    !event.altKey &&
    link.target === '' &&
    !link.hasAttribute('download') &&
    link.origin === location.origin &&
    !['/api/', '/static/', '/sign-in'].some((prefix) => link.pathname.startsWith(prefix)) &&
    !(link.hash !== '' && link.pathname === location.pathname)
  );
}

/** A link of a plot, which has no parts of an address, as one that has. */
function asHtmlLink(link: SVGAElement): HTMLAnchorElement {
  const same = document.createElement('a');
  same.href = link.href.baseVal;
  return same;
}

/** Ordinary <a href> links stay inside the application without a page load. */
export function followLinks(event: MouseEvent): void {
  const clicked = (event.target as Element | null)?.closest('a[href]');
  const link = clicked instanceof SVGAElement ? asHtmlLink(clicked) : clicked;
  if (event.defaultPrevented || !(link instanceof HTMLAnchorElement) || !isOurs(event, link)) return;
  event.preventDefault();
  router.navigate(link.pathname + link.search);
}
