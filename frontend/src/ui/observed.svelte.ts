import { createSubscriber } from 'svelte/reactivity';

import type { Observable } from '../store/observable';

/** The bridge from the store to Svelte: reading `it` in a component or $derived runs again when the store changed. */
export function observed<T extends Observable>(source: T): { readonly it: T } {
  const follow = createSubscriber((update) => source.subscribe(update));
  return {
    get it() {
      follow();
      return source;
    },
  };
}
