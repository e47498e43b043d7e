import { actFor, api, onSignedOut, type SignedOut } from '../api/client';
import { Problem } from '../api/problem';
import type { Membership, Role, Session } from '../api/types';
import { preferences } from '../store/ownPreferences';
import { router } from './router.svelte';

/** Who is signed in; and the sign-in form over the page when a session ran out. */
class SignedIn {
  session = $state.raw<Session | null>(null);
  /** Set while the sign-in dialog is open; call it with the outcome. */
  asking = $state.raw<((signedIn: boolean) => void) | null>(null);
  /** Why the dialog is open. */
  why = $state.raw<SignedOut>('expired');

  get user(): Session['user'] | null {
    return this.session?.user ?? null;
  }

  membership(slug: string): Membership | null {
    return this.session?.memberships.find((one) => one.dataset.slug === slug) ?? null;
  }

  roleIn(slug: string): Role | null {
    return this.membership(slug)?.role ?? null;
  }

  async load(): Promise<void> {
    try {
      this.session = await api.get<Session>('/session', { quiet: true });
      actFor(this.session.user.id);
      // The page need not wait: this browser's copy is in force until the answer is there.
      preferences.load(this.session.user.id).catch(() => undefined);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        const here = location.pathname + location.search;
        location.assign(`/sign-in/?next=${encodeURIComponent(here)}`);
        return;
      }
      throw error;
    }
  }

  /** Sign in over the page. Another person than before reloads it: the work on it belongs to somebody else. */
  async signIn(username: string, password: string): Promise<void> {
    const before = this.session?.user.id;
    const session = await api.post<Session>('/session', { username, password }, { quiet: true });
    if (before !== undefined && session.user.id !== before) {
      location.reload();
      return;
    }
    this.session = session;
    this.asking?.(true);
  }

  /** The page finishes first: drafts are written and faces given back while the session still lasts. */
  async signOut(): Promise<void> {
    await router.finishPage();
    await api.delete('/session', { quiet: true });
    location.assign('/sign-in/');
  }
}

export const signedIn = new SignedIn();

onSignedOut(
  (why) =>
    new Promise((resolve) => {
      signedIn.why = why;
      signedIn.asking = (outcome) => {
        signedIn.asking = null;
        resolve(outcome);
      };
    }),
);
