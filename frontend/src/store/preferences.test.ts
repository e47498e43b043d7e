import { beforeEach, describe, expect, it, vi } from 'vitest';

import { PreferenceStore, type KeptText, type Preferences, type PreferencesApi } from './preferences';

class Server implements PreferencesApi {
  values: Partial<Preferences> = {};
  reachable = true;

  fetch(): Promise<Partial<Preferences>> {
    return this.reachable ? Promise.resolve({ ...this.values }) : Promise.reject(new Error('no network'));
  }

  change(values: Partial<Preferences>): Promise<void> {
    if (!this.reachable) return Promise.reject(new Error('no network'));
    Object.assign(this.values, values);
    return Promise.resolve();
  }
}

class Browser implements KeptText {
  #kept = new Map<string, string>();
  getItem(name: string): string | null {
    return this.#kept.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    this.#kept.set(name, value);
  }
}

describe('preferences', () => {
  let server: Server;
  let browser: Browser;

  beforeEach(() => {
    vi.useFakeTimers();
    server = new Server();
    browser = new Browser();
  });

  it('it_has_usual_values_before_anybody_chose', () => {
    const preferences = new PreferenceStore(browser, server);
    expect([
      preferences.get('theme'),
      preferences.get('language'),
      preferences.get('plain_dragging'),
    ]).toEqual(['system', null, false]);
  });

  it('it_sends_a_run_of_changes_once_and_follows_the_person', async () => {
    const here = new PreferenceStore(browser, server);
    await here.load(1);
    const change = vi.spyOn(server, 'change');
    here.set('theme', 'dark');
    here.set('theme', 'light');
    await vi.runAllTimersAsync();
    expect(change).toHaveBeenCalledOnce();
    const elsewhere = new PreferenceStore(new Browser(), server);
    await elsewhere.load(1);
    expect(elsewhere.get('theme')).toBe('light');
  });

  it('it_is_there_before_the_server_answered', async () => {
    const first = new PreferenceStore(browser, server);
    await first.load(1);
    first.set('language', 'zh-CN');
    expect(new PreferenceStore(browser, server).get('language')).toBe('zh-CN');
  });

  it('it_sends_later_what_could_not_be_sent', async () => {
    const offline = new PreferenceStore(browser, server);
    await offline.load(1);
    server.reachable = false;
    offline.set('keys', { pin: 'k' });
    await vi.runAllTimersAsync();
    expect(server.values.keys).toBeUndefined();
    server.reachable = true;
    const again = new PreferenceStore(browser, server);
    await again.load(1);
    expect([again.get('keys'), server.values.keys]).toEqual([{ pin: 'k' }, { pin: 'k' }]);
  });

  it('it_does_not_give_one_persons_settings_to_another', async () => {
    const first = new PreferenceStore(browser, server);
    await first.load(1);
    server.reachable = false;
    first.set('theme', 'dark');
    await vi.runAllTimersAsync();
    server.reachable = true;
    const second = new PreferenceStore(browser, server);
    await second.load(2);
    expect([second.get('theme'), server.values.theme]).toEqual(['system', undefined]);
  });

  it('it_works_without_storage_and_with_a_spoiled_one', () => {
    browser.setItem('jfa-preferences', '{');
    const spoiled = new PreferenceStore(browser, server);
    const none = new PreferenceStore(null, server);
    none.set('indices', true);
    expect([spoiled.get('indices'), none.get('indices')]).toEqual([false, true]);
  });

  it('it_tells_who_listens', () => {
    const preferences = new PreferenceStore(browser, server);
    const heard = vi.fn();
    preferences.subscribe(heard);
    preferences.set('indices', true);
    expect(heard).toHaveBeenCalledOnce();
  });
});
