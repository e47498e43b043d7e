/** For the store's unit tests: time that moves by hand, and an API whose answers the test decides. */

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';

import type { Claimed, Item, KindCounts } from '../api/types';
import type { WorkApi } from '../api/work';
import { faceItem, wireLabels } from '../model/examples';
import { openJournal, type Journal } from './journal';
import type { Clock } from './outbox';

/** The journal of a browser that was never here before; `openJournal` opens the same again. */
export function emptyJournal(): Promise<Journal> {
  globalThis.indexedDB = new IDBFactory();
  return openJournal();
}

export class HandClock implements Clock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Runs what is due and lets promises settle. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#now = due.at;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      due.run();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

/** After everything that only waits for promises (and the fake IndexedDB) has run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

const ZERO: KindCounts = { annotate: 0, check: 0, adjudicate: 0, sweep: 0 };

/** Hands out `items` in order and records every call; tests replace single methods. */
export class ScriptedApi implements WorkApi {
  calls: { name: string; args: unknown[] }[] = [];
  waiting: Claimed['waiting'] = ZERO;

  constructor(public items: Item[] = []) {}

  #record(name: string, ...args: unknown[]): void {
    this.calls.push({ name, args: structuredClone(args) });
  }

  named(name: string): unknown[][] {
    return this.calls.filter((call) => call.name === name).map((call) => call.args);
  }

  claim: WorkApi['claim'] = (dataset, count, have, kinds) => {
    this.#record('claim', dataset, count, have, kinds);
    const items = this.items.splice(0, count);
    const claimed: Claimed = {
      items,
      waiting: this.waiting,
      blocked: 0,
      none_reason: items.length === 0 ? 'All done.' : null,
    };
    return Promise.resolve(claimed);
  };

  heartbeat: WorkApi['heartbeat'] = (leases) => {
    this.#record('heartbeat', leases);
    return Promise.resolve({ alive: [], lost: [] });
  };

  putDraft: WorkApi['putDraft'] = (item, draft) => {
    this.#record('putDraft', item, draft);
    return Promise.resolve({ sequence: draft.sequence });
  };

  deleteDraft: WorkApi['deleteDraft'] = (item) => {
    this.#record('deleteDraft', item);
    return Promise.resolve();
  };

  submit: WorkApi['submit'] = (item, body) => {
    this.#record('submit', item, body);
    return Promise.resolve({
      item,
      face_id: 1,
      revision: 2,
      state: 'checking',
      kept_as: 'counted' as const,
      message: '',
    });
  };

  skip: WorkApi['skip'] = (item, token, reason) => {
    this.#record('skip', item, token, reason);
    return Promise.resolve();
  };

  release: WorkApi['release'] = (item, token) => {
    this.#record('release', item, token);
    return Promise.resolve();
  };

  takeBack: WorkApi['takeBack'] = (item) => {
    this.#record('takeBack', item);
    return Promise.resolve({ item: faceItem({ id: item }), labels: wireLabels(), comment: '' });
  };

  mine: WorkApi['mine'] = (dataset) => {
    this.#record('mine', dataset);
    return Promise.resolve({ goal: 0, today: ZERO, total: ZERO, results: [], next: null });
  };
}
