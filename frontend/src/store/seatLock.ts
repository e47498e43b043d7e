/** Who of a browser's tabs has a name to itself. */

/** How long a tab may take to answer (a page that is just reloaded, to be gone) or to finish. */
const ANSWER = 300;
const FINISH = 4000;

/** Lets go of the name. */
export type LetGo = () => void;

export interface SeatLock {
  /**
   * 'now': only if no tab has it. 'soon': once the tab that has it lets go, if it does so within seconds. 'force':
   * whatever that tab says. Resolves to null without it. `lost`: another tab took it by force.
   */
  take(how: 'now' | 'soon' | 'force', lost: () => void): Promise<LetGo | null>;
}

/** Web Locks: exact, and free at once when a tab is killed. Browsers offer them on https and localhost only. */
export class WebLock implements SeatLock {
  constructor(
    private readonly name: string,
    private readonly locks: LockManager,
  ) {}

  take(how: 'now' | 'soon' | 'force', lost: () => void): Promise<LetGo | null> {
    const options: LockOptions =
      how === 'now'
        ? { signal: AbortSignal.timeout(ANSWER) }
        : how === 'soon'
          ? { signal: AbortSignal.timeout(FINISH) }
          : { steal: true };
    return new Promise((resolve) => {
      let held = false;
      this.locks
        .request(this.name, options, (lock) => {
          if (!lock) {
            resolve(null);
            return undefined;
          }
          held = true;
          return new Promise<void>((letGo) => {
            resolve(letGo);
          });
        })
        .catch(() => {
          // Stolen while held; else it did not come free in time.
          if (held) lost();
          else resolve(null);
        });
    });
  }
}

type Word = { say: 'ask' | 'here' | 'free' | 'force'; from: string };

/** The same by asking around, for pages on plain http. Two tabs that ask at once: the smaller name gets it. */
export class ChannelLock implements SeatLock {
  constructor(
    private readonly name: string,
    private readonly me: string,
  ) {}

  async take(how: 'now' | 'soon' | 'force', lost: () => void): Promise<LetGo | null> {
    const channel = new BroadcastChannel(this.name);
    const say = (word: Word['say']): void => {
      channel.postMessage({ say: word, from: this.me } satisfies Word);
    };
    const heard = (word: Word, then: (free: boolean) => void): void => {
      if (word.say === 'here' && how === 'now') then(false);
      if (word.say === 'ask' && how === 'now') {
        if (word.from < this.me) then(false);
        else say('here');
      }
      if (word.say === 'free' && how === 'soon') then(true);
    };
    const patience = how === 'soon' ? FINISH : how === 'now' ? ANSWER : 0;
    const free = await new Promise<boolean>((then) => {
      channel.onmessage = (event: MessageEvent<Word>) => {
        heard(event.data, then);
      };
      say(how === 'force' ? 'force' : 'ask');
      setTimeout(() => {
        then(how !== 'soon');
      }, patience);
    });
    if (!free) {
      channel.close();
      return null;
    }
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.say === 'ask') say('here');
      else if (data.say === 'force') {
        channel.close();
        lost();
      }
    };
    return () => {
      say('free');
      channel.close();
    };
  }
}

/** What this browser offers; without either a second tab is met by the server only. */
export function seatLock(name: string, me: string): SeatLock | null {
  // In the types they are always there; on plain http they are not.
  const { locks } = navigator as Partial<Navigator>;
  if (locks) return new WebLock(name, locks);
  return typeof BroadcastChannel === 'undefined' ? null : new ChannelLock(`${name}-lock`, me);
}
