import { serverText, t } from '../i18n';
import { violationSentence } from '../model/policy';
import type { Violation } from './types';

/** What the API answers when it refuses: a stable code, a sentence for a person, and facts for the page. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'Problem';
  }

  /** True if nothing was decided: no connection, or the server could not work just now. Trying again is safe. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** The sentence to show for any error. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Problem) return serverText(error.message);
  if (error instanceof Error) return error.message;
  return String(error);
}

export function unreachable(): Problem {
  return new Problem(0, 'network', t('problems.unreachable'));
}

/** Read an answer that is not 2xx; bodies that are not the API's JSON still give a sentence with the status. */
export function problemFrom(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && 'message' in body) {
    const { code, message, details } = body as { code: unknown; message: unknown; details?: unknown };
    return new Problem(
      status,
      String(code),
      String(message),
      typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
    );
  }
  return new Problem(status, `http_${status}`, t('problems.unexplained', { status }));
}

/** JSON if it is JSON, else the text itself. */
export function parsedBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** All broken rules of a refused save in one text, or the problem's own sentence. */
export function refusalSentence(problem: Problem): string {
  const { violations } = problem.details as { violations?: Violation[] };
  return violations?.map(violationSentence).join(' ') ?? serverText(problem.message);
}
