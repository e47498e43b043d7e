/** Which key means which command for this person: the usual keys with their own on top. Pure; keys are parsed by tinykeys. */

import { matchKeyBindingPress, parseKeybinding } from 'tinykeys';

import { COMMANDS, type Command, type CommandId, type Where } from './commands';

/** What of a KeyboardEvent decides its meaning. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing?: boolean;
  getModifierState(name: string): boolean;
}

/** A command, or a class or flag of the dataset's policy, that can have a key. */
export type Bindable = Omit<Command, 'name' | 'id'> & { readonly id: string };

/** Keys that keep their meaning on every page, whatever the map says. */
const FIXED =
  /^(Tab|Escape|F6|F5|F11|F12| |Space|Arrow\w+|[0-9]|Home|End|Page\w+|ContextMenu|Dead|Process|Unidentified)$/;
const MODIFIERS = /^(Shift|Control|Alt|AltGraph|Meta|OS|CapsLock|NumLock|Fn|Hyper|Super)$/;
/** With Ctrl or ⌘ a browser does something of its own with these, or a person expects it to. */
const BROWSER_LETTERS = /^[acdfhjklnopqrstuvwx]$/;

/**
 * The key of a press on a Latin layout: Cyrillic or Greek letters, and letters that Alt changed, are read from the
 * key's place, full-width signs of a Chinese input method become the plain ones.
 */
export function latinKey({ key, code }: Pick<KeyPress, 'key' | 'code'>): string {
  const plain = key.length === 1 ? key.normalize('NFKC') : key;
  if (plain.length !== 1 || /^[\u0020-\u007e]$/.test(plain)) return plain;
  return /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1]?.toLowerCase() ?? plain;
}

/** An input method is at work: the press is part of a character, no command. */
export function isComposing(press: KeyPress): boolean {
  return press.isComposing === true || press.key === 'Process' || press.key === 'Dead';
}

const isSign = (key: string): boolean => key.length === 1 && !/[a-z0-9]/i.test(key);

/** Shift is part of how a layout writes a sign ("?", "{"), but tells "A" from "Shift A". */
function asTyped(press: KeyPress): KeyboardEvent {
  const key = latinKey(press);
  const free = isSign(key) ? /^(Shift|AltGraph)$/ : /^$/;
  const altGr = isSign(key) && press.getModifierState('AltGraph');
  return {
    key,
    code: '',
    getModifierState: (name: string) =>
      !free.test(name) && !(altGr && /^(Control|Alt)$/.test(name)) && press.getModifierState(name),
  } as unknown as KeyboardEvent;
}

/** True if a press is this chord ("Shift+b", "$mod+z", "?"). */
export function isChord(press: KeyPress, chord: string): boolean {
  const [first] = chord === '' ? [] : parseKeybinding(chord);
  return first !== undefined && matchKeyBindingPress(asTyped(press), first);
}

export type Recorded = { chord: string } | { refused: string } | null;

/** The chord that a press stands for, why it cannot be one, or null for a modifier alone. */
export function recordChord(press: KeyPress): Recorded {
  if (MODIFIERS.test(press.key) || isComposing(press)) return null;
  const key = latinKey(press);
  const letter = key.length === 1 ? key.toLowerCase() : key;
  const main = press.ctrlKey || press.metaKey;
  const chord = [
    main ? '$mod' : '',
    press.altKey && !isSign(key) ? 'Alt' : '',
    press.shiftKey && !isSign(key) ? 'Shift' : '',
    letter,
  ]
    .filter(Boolean)
    .join('+');
  const belongsElsewhere = FIXED.test(key) || press.altKey || (main && BROWSER_LETTERS.test(letter));
  return belongsElsewhere ? { refused: chord } : { chord };
}

const SHOWN: Readonly<Record<string, string>> = {
  Escape: 'Esc',
  Delete: 'Del',
  Backspace: '⌫',
  ' ': 'Space',
  '-': '−',
};

/** tinykeys knows the platform: `$mod` became ⌘'s modifier. */
const isMac = (): boolean => parseKeybinding('$mod+z')[0]?.[0][0] === 'Meta';

/** 'Shift+b' -> 'Shift B', '$mod+z' -> 'Ctrl Z' */
export function shownChord(chord: string, mac = isMac()): string {
  const parts = chord.split(/\b\+/);
  return parts
    .map((part, at) => {
      if (part === '$mod') return mac ? '⌘' : 'Ctrl';
      if (at < parts.length - 1) return part;
      return SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part);
    })
    .join(' ');
}

/** '$mod+z' -> 'Control+Z', as aria-keyshortcuts wants it. */
export function ariaChord(chord: string, mac = isMac()): string {
  const shown = chord.replace('$mod', mac ? 'Meta' : 'Control');
  return shown.replace(
    /(^|\+)([a-z])$/,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

export class KeyMap {
  /** `own`: a person's key by command id; '' takes the key away. */
  constructor(private readonly own: Readonly<Record<string, string>> = {}) {}

  isOwn(id: string): boolean {
    return this.own[id] !== undefined;
  }

  keysOf(command: Pick<Bindable, 'id' | 'keys'>): readonly string[] {
    const own = this.own[command.id];
    return own === undefined ? command.keys : own === '' ? [] : [own];
  }

  /** What a press means in this kind of work, or null. */
  commandFor(press: KeyPress, where: Where): CommandId | null {
    const found = COMMANDS.find(
      (command) =>
        (command.where as readonly Where[]).includes(where) &&
        this.keysOf(command).some((chord) => isChord(press, chord)),
    );
    return found?.id ?? null;
  }

  /** The other commands that a chord would collide with. */
  takenBy<T extends Bindable>(chord: string, command: Bindable, all: readonly T[]): T[] {
    const same = (other: string): boolean => other.toLowerCase() === chord.toLowerCase();
    return all.filter(
      (other) =>
        other.id !== command.id &&
        other.where.some((one) => command.where.includes(one)) &&
        this.keysOf(other).some(same),
    );
  }

  /**
   * The person's keys after giving `chord` to a command. Whoever had it gets the command's former key, or none where
   * that would collide with a third.
   */
  give(chord: string, command: Bindable, all: readonly Bindable[]): Record<string, string> {
    const former = this.keysOf(command)[0] ?? '';
    const given = new Map<string, string>(Object.entries(this.own));
    const assign = (one: Bindable, key: string): void => {
      if (one.keys.length === 1 && one.keys[0] === key) given.delete(one.id);
      else given.set(one.id, key);
    };
    for (const other of this.takenBy(chord, command, all)) {
      const third = this.takenBy(former, other, all).some((one) => one.id !== command.id);
      assign(other, third ? '' : former);
    }
    assign(command, chord);
    return Object.fromEntries(given);
  }

  without(id: string): Record<string, string> {
    return Object.fromEntries(Object.entries(this.own).filter(([other]) => other !== id));
  }
}

let current = new KeyMap();
let noteRead: () => void = () => undefined;
const listeners = new Set<() => void>();

/** The map of the person at this browser. */
export function keyMap(): KeyMap {
  noteRead();
  return current;
}

/** Another person, or another key: hints are written anew. */
export function useKeys(own: Readonly<Record<string, string>>): void {
  current = new KeyMap(own);
  for (const listener of [...listeners]) listener();
}

/** Returns how to stop listening. */
export function onKeysChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** How the framework learns that a key was read. */
export function onKeysRead(note: () => void): void {
  noteRead = note;
}

const byId = new Map<string, Command>(COMMANDS.map((command) => [command.id, command]));

/** The first key of a command as a button shows it; '' if the person took it away. */
export function keyHint(id: CommandId): string {
  return shownChord(keyMap().keysOf(byId.get(id) ?? { id, keys: [] })[0] ?? '');
}

/** All keys of a command for aria-keyshortcuts, or undefined. */
export function ariaKeys(id: CommandId): string | undefined {
  const chords = keyMap().keysOf(byId.get(id) ?? { id, keys: [] });
  return chords.map((one) => ariaChord(one)).join(' ') || undefined;
}
