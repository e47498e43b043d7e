import { describe, expect, it } from 'vitest';

import { PLAIN } from '../model/tone';
import { Viewing } from './viewing';

function memory(): Pick<Storage, 'getItem' | 'setItem'> & { full: boolean } {
  const kept = new Map<string, string>();
  return {
    full: false,
    getItem: (key) => kept.get(key) ?? null,
    setItem(key, value) {
      if (this.full) throw new Error('QuotaExceededError');
      kept.set(key, value);
    },
  };
}

describe('how a person sees photographs', () => {
  it('remembers what was set, for each person apart', () => {
    const storage = memory();
    const mine = new Viewing(1, storage);
    mine.step('brightness', 1);
    mine.step('contrast', -1);
    mine.toggleOpen();
    const again = new Viewing(1, storage);
    expect(again.tone).toEqual({ brightness: 10, contrast: -10, equalise: false });
    expect(again.open).toBe(true);
    expect(new Viewing(2, storage).tone).toEqual(PLAIN);
  });

  it('goes with one key from the photograph as it is to equalised and back, taking all else along', () => {
    const viewing = new Viewing(1, memory());
    viewing.step('brightness', 1);
    viewing.cycle();
    expect(viewing.tone).toEqual({ brightness: 10, contrast: 0, equalise: true });
    viewing.cycle();
    expect(viewing.tone).toEqual(PLAIN);
  });

  it('shows the photograph as it is after something else wrote over the settings', () => {
    const storage = memory();
    storage.setItem('jfa-view-1', '{"brightness":');
    expect(new Viewing(1, storage).tone).toEqual(PLAIN);
    storage.setItem('jfa-view-1', '{"brightness":"bright","equalise":1}');
    expect(new Viewing(1, storage).tone).toEqual(PLAIN);
  });

  it('goes on with a full disk', () => {
    const storage = memory();
    const viewing = new Viewing(1, storage);
    storage.full = true;
    viewing.step('contrast', 1);
    expect(viewing.tone.contrast).toBe(10);
  });

  it('tells who listens', () => {
    const viewing = new Viewing(1, memory());
    let told = 0;
    viewing.subscribe(() => {
      told += 1;
    });
    viewing.set({ equalise: true });
    viewing.reset();
    expect(told).toBe(2);
  });
});
