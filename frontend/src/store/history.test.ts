import { describe, expect, it } from 'vitest';

import { History } from './history';

describe('undo and redo', () => {
  it('it_makes_one_step_of_a_gesture_however_many_changes', () => {
    const history = new History(0);
    history.begin();
    for (const value of [1, 2, 3]) history.update(value);
    history.commit();
    expect(history.present).toBe(3);
    expect(history.undo()).toBe(true);
    expect(history.present).toBe(0);
    expect(history.undo()).toBe(false);
  });

  it('it_makes_no_step_of_a_gesture_that_changes_nothing', () => {
    const history = new History('a');
    history.begin();
    history.commit();
    expect(history.canUndo).toBe(false);
  });

  it('it_keeps_five_quick_edits_as_five_steps', () => {
    const history = new History(0);
    for (let i = 1; i <= 5; i += 1) history.apply(i);
    history.undo();
    history.undo();
    expect(history.present).toBe(3);
  });

  it('it_redoes_until_something_new_is_done', () => {
    const history = new History(0);
    history.apply(1);
    history.undo();
    expect(history.redo()).toBe(true);
    expect(history.present).toBe(1);
    history.undo();
    history.apply(2);
    expect(history.redo()).toBe(false);
  });

  it('it_takes_a_cancelled_gesture_back', () => {
    const history = new History(0);
    history.apply(1);
    history.begin();
    history.update(9);
    history.cancel();
    expect(history.present).toBe(1);
  });

  it('it_commits_an_open_gesture_when_undo_comes', () => {
    const history = new History(0);
    history.begin();
    history.update(5);
    history.undo();
    expect(history.present).toBe(0);
    expect(history.redo()).toBe(true);
    expect(history.present).toBe(5);
  });

  it('it_refuses_a_change_outside_a_gesture', () => {
    expect(() => {
      new History(0).update(1);
    }).toThrow('call begin first');
  });
});
