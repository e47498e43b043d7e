/**
 * The undo steps of one item as the journal keeps them: each state once, under a number, and the order in which undo
 * and redo come to them. A gesture adds one small row instead of writing the whole history again.
 */

export type StepData = Record<string, unknown>;

/** Numbers of states, in the order of History's past and future. */
export interface StepOrder {
  past: number[];
  future: number[];
}

export interface Step {
  place: number;
  data: StepData;
}

/** What to change in the journal so that it holds the present history. */
export interface StepChange {
  /** Whatever is there of this item comes from an earlier page and goes. */
  replace: boolean;
  added: Step[];
  dropped: number[];
  order: StepOrder;
}

/** The states around the present one, each as plain JSON when asked for. */
export interface StepSource {
  past: readonly object[];
  future: readonly object[];
  data(state: object): StepData;
}

/** The steps of a journal in the order of a History. */
export interface RestoredSteps {
  past: StepData[];
  future: StepData[];
}

/** Knows what the journal has of an item's steps. States are immutable, so the same object is the same step. */
export class UndoTrail {
  #written: ReadonlyMap<object, number> | null = null;
  #next = 0;

  /** The change, and what to call once it is written. */
  change({ past, future, data }: StepSource): { change: StepChange; written: () => void } {
    const before = this.#written ?? new Map<object, number>();
    const after = new Map<object, number>();
    const added: Step[] = [];
    const place = (state: object): number => {
      let number = after.get(state) ?? before.get(state);
      if (number === undefined) {
        number = this.#next++;
        added.push({ place: number, data: data(state) });
      }
      after.set(state, number);
      return number;
    };
    const order = { past: past.map(place), future: future.map(place) };
    const dropped = [...before].filter(([state]) => !after.has(state)).map(([, number]) => number);
    return {
      change: { replace: this.#written === null, added, dropped, order },
      written: () => {
        this.#written = after;
      },
    };
  }
}

/** The steps in order; null where one that the order names is not there. */
export function stepsInOrder(order: StepOrder, steps: readonly Step[]): RestoredSteps | null {
  const byPlace = new Map(steps.map(({ place, data }) => [place, data]));
  const read = (places: number[]): StepData[] | null => {
    const found = places.map((place) => byPlace.get(place));
    return found.every((one) => one !== undefined) ? found : null;
  };
  const past = read(order.past);
  const future = read(order.future);
  return past && future && { past, future };
}
