import { parsedBody, problemFrom, unreachable } from './problem';

export type Query = Record<
  string,
  string | number | boolean | readonly (string | number)[] | null | undefined
>;

export interface CallOptions {
  query?: Query;
  signal?: AbortSignal;
  /** Let the request outlive the page (at most 64 KB of body). */
  keepalive?: boolean;
  /** Do not open the sign-in dialog on 401; the problem is thrown at once. */
  quiet?: boolean;
}

export interface UploadOptions {
  onProgress?: (sentBytes: number, totalBytes: number) => void;
  signal?: AbortSignal;
}

const BASE = '/api/v1';

/** Why nobody can go on: the session ran out, or it is another person's now. */
export type SignedOut = 'expired' | 'other_user';
/** Asked once per expired session: shows the sign-in form over the page; false if the person gave up. */
type SignInAgain = (why: SignedOut) => Promise<boolean>;
let signInAgain: SignInAgain = () => Promise.resolve(false);
let signingIn: Promise<boolean> | null = null;
/** After "not now" background calls do not ask again for a while. */
const DECLINED_FOR = 60_000;
let declinedAt = -Infinity;

/**
 * For whom this page was opened. All tabs share one session: after somebody else signed in in another tab the server
 * refuses what this page sends, instead of taking it as theirs.
 */
let opener: number | null = null;
/** Signing in and out are about whoever does it. */
const ANYBODYS = '/session';

export function actFor(user: number | null): void {
  opener = user;
}

export function onSignedOut(handler: SignInAgain): void {
  signInAgain = handler;
}

/** The value of the CSRF cookie, or '' before the first page was served. */
export function csrfToken(cookies = document.cookie): string {
  return /(?:^|;\s*)jfa_csrf=([^;]*)/.exec(cookies)?.[1] ?? '';
}

/** Path below /api/v1 (or a full /api/… path as the server gives them) with its query; null and undefined are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([key, value]) => {
    if (value === null || value === undefined || value === '') return [];
    const values = Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string];
    return values.map((one) => `${encodeURIComponent(key)}=${encodeURIComponent(String(one))}`);
  });
  const full = path.startsWith('/api/') ? path : BASE + path;
  return pairs.length === 0 ? full : `${full}${full.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

async function send(method: string, path: string, body: unknown, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRFToken'] = csrfToken();
  if (opener !== null && path !== ANYBODYS) headers['X-JFA-User'] = String(opener);
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  if (options.signal) init.signal = options.signal;
  if (options.keepalive) init.keepalive = true;
  try {
    return await fetch(apiUrl(path, options.query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
}

async function answered(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions,
): Promise<{ ok: boolean; status: number; body: unknown }> {
  const response = await send(method, path, body, options);
  return { ok: response.ok, status: response.status, body: parsedBody(await response.text()) };
}

/** One sign-in dialog at a time, however many requests meet the expired session. */
function askToSignIn(why: SignedOut): Promise<boolean> {
  if (performance.now() - declinedAt < DECLINED_FOR) return Promise.resolve(false);
  signingIn ??= signInAgain(why)
    .then((signedIn) => {
      declinedAt = signedIn ? -Infinity : performance.now();
      return signedIn;
    })
    .finally(() => {
      signingIn = null;
    });
  return signingIn;
}

async function call<T>(method: string, path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  let answer = await answered(method, path, body, options);
  if (answer.status === 401 && !options.quiet) {
    const why = problemFrom(401, answer.body).code === 'other_user' ? 'other_user' : 'expired';
    if (await askToSignIn(why)) answer = await answered(method, path, body, options);
  }
  if (!answer.ok) throw problemFrom(answer.status, answer.body);
  return (answer.body === '' ? undefined : answer.body) as T;
}

/** Multipart upload with progress in bytes; the same errors as every other call. */
function upload<T>(path: string, form: FormData, options: UploadOptions = {}): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', apiUrl(path));
    request.setRequestHeader('X-CSRFToken', csrfToken());
    request.setRequestHeader('Accept', 'application/json');
    if (opener !== null) request.setRequestHeader('X-JFA-User', String(opener));
    request.upload.onprogress = (event) => options.onProgress?.(event.loaded, event.total);
    request.onerror = () => {
      reject(unreachable());
    };
    request.onabort = () => {
      reject(new DOMException('The upload was stopped.', 'AbortError'));
    };
    request.onload = () => {
      const answer = parsedBody(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer as T);
      else reject(problemFrom(request.status, answer));
    };
    options.signal?.addEventListener('abort', () => {
      request.abort();
    });
    request.send(form);
  });
}

/** Typed calls below /api/v1. They throw Problem; a 401 first asks the person to sign in over the page, then repeats the call. */
export const api = {
  get: <T>(path: string, options?: CallOptions) => call<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('POST', path, body, options),
  put: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('PUT', path, body, options),
  patch: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('PATCH', path, body, options),
  delete: <T = void>(path: string, options?: CallOptions) => call<T>('DELETE', path, undefined, options),
  upload,
};
