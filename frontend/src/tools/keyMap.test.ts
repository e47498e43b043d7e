import { describe, expect, it } from 'vitest';

import { COMMANDS, type Command } from './commands';
import { ariaChord, isChord, KeyMap, latinKey, recordChord, shownChord, type KeyPress } from './keyMap';

interface Held {
  shift?: boolean;
  ctrl?: boolean;
  alt?: boolean;
  altGr?: boolean;
  code?: string;
  composing?: boolean;
}

function press(key: string, held: Held = {}): KeyPress {
  const { shift = false, ctrl = false, alt = false, altGr = false } = held;
  const states: Record<string, boolean> = { Shift: shift, Control: ctrl, Alt: alt, AltGraph: altGr };
  return {
    key,
    code: held.code ?? '',
    shiftKey: shift,
    ctrlKey: ctrl,
    altKey: alt,
    metaKey: false,
    isComposing: held.composing ?? false,
    getModifierState: (name) => states[name] ?? false,
  };
}

const command = (id: string): Command => {
  const found = COMMANDS.find((one) => one.id === id);
  if (!found) throw new Error(`No command ${id}.`);
  return found;
};

describe('the key map', () => {
  it('it_knows_a_letter_with_and_without_shift_apart', () => {
    const map = new KeyMap();
    expect(map.commandFor(press('f'), 'annotate')).toBe('mirror');
    expect(map.commandFor(press('F', { shift: true }), 'annotate')).toBe('mirrorBack');
    expect(map.commandFor(press('F'), 'annotate')).toBe('mirror'); // caps lock
  });

  it('it_takes_signs_however_a_layout_writes_them', () => {
    expect(isChord(press('?', { shift: true }), '?')).toBe(true);
    expect(isChord(press('？', { shift: true }), '?')).toBe(true);
    expect(isChord(press('{', { altGr: true, ctrl: true, alt: true }), '{')).toBe(true);
    expect(isChord(press('+'), '+')).toBe(true);
  });

  it('it_reads_letters_of_other_scripts_from_their_place', () => {
    expect(latinKey({ key: 'ф', code: 'KeyA' })).toBe('a');
    expect(latinKey({ key: 'å', code: 'KeyA' })).toBe('a');
    expect(new KeyMap().commandFor(press('з', { code: 'KeyP' }), 'check')).toBe('pin');
  });

  it('it_means_different_things_on_different_pages', () => {
    const map = new KeyMap();
    expect(map.commandFor(press('c'), 'check')).toBe('correct');
    expect(map.commandFor(press('c'), 'annotate')).toBeNull();
    expect(map.commandFor(press('x'), 'sweep')).toBe('notAFace');
  });

  it('it_has_no_usual_key_twice_on_a_page', () => {
    const map = new KeyMap();
    for (const one of COMMANDS)
      for (const key of one.keys)
        expect([one.id, key, map.takenBy(key, one, COMMANDS)]).toEqual([one.id, key, []]);
  });

  it('it_puts_a_persons_key_in_the_place_of_the_usual_ones', () => {
    const map = new KeyMap({ redo: 'Shift+z' });
    expect(map.commandFor(press('Z', { shift: true }), 'annotate')).toBe('redo');
    expect(map.commandFor(press('y', { ctrl: true }), 'annotate')).toBeNull();
  });

  it('it_exchanges_keys_when_one_is_given_away', () => {
    const own = new KeyMap().give('k', command('pin'), COMMANDS);
    expect(own).toEqual({ pin: 'k', plainDragging: 'p' });
    expect(new KeyMap(own).give('p', command('pin'), COMMANDS)).toEqual({});
  });

  it('it_takes_a_key_away_where_the_exchange_would_collide', () => {
    // 'm' means the merge in disputes only; its former owner cannot get 's', which skips everywhere.
    const own = new KeyMap().give('m', command('skip'), COMMANDS);
    expect(own).toEqual({ skip: 'm', merge: 's' });
    const clash = new KeyMap({ fit: 'm' }).takenBy('m', command('merge'), COMMANDS).map((one) => one.id);
    expect(clash).toEqual(['fit']);
  });

  it('it_records_what_may_be_a_key', () => {
    expect(recordChord(press('Shift', { shift: true }))).toBeNull();
    expect(recordChord(press('B', { shift: true }))).toEqual({ chord: 'Shift+b' });
    expect(recordChord(press('?', { shift: true }))).toEqual({ chord: '?' });
    expect(recordChord(press('z', { ctrl: true }))).toEqual({ chord: '$mod+z' });
    expect(recordChord(press('ㄅ', { composing: true }))).toBeNull();
  });

  it('it_refuses_keys_of_the_browser_and_fixed_ones', () => {
    expect(recordChord(press('w', { ctrl: true }))).toEqual({ refused: '$mod+w' });
    expect(recordChord(press('5'))).toEqual({ refused: '5' });
    expect(recordChord(press('Tab'))).toEqual({ refused: 'Tab' });
  });

  it('it_shows_keys_as_keyboards_print_them', () => {
    expect(['Shift+Backspace', '$mod+Shift+z', 'k', '-', '?'].map((one) => shownChord(one, false))).toEqual([
      'Shift ⌫',
      'Ctrl Shift Z',
      'K',
      '−',
      '?',
    ]);
    expect([shownChord('$mod+z', true), ariaChord('$mod+z', false), ariaChord('+', false)]).toEqual([
      '⌘ Z',
      'Control+Z',
      '+',
    ]);
  });
});
