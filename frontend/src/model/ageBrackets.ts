/** Brackets of apparent age on the ruler: in years, both ends included. Faces change fast at first, so the first are short. */

export interface AgeBracket {
  readonly from: number;
  readonly to: number;
}

export const OLDEST = 100;

const STARTS = [0, 3, 10, 20, 30, 40, 50, 60, 70] as const;

export const AGE_BRACKETS: readonly AgeBracket[] = STARTS.map((from, place) => ({
  from,
  to: (STARTS[place + 1] ?? OLDEST + 1) - 1,
}));

export function bracketOf(age: number): AgeBracket {
  const found = AGE_BRACKETS.findLast((bracket) => bracket.from <= age);
  if (!found) throw new RangeError(`${age} is no apparent age.`);
  return found;
}

/** '20–29', and '70+' for the last, which has no end in the words of people. */
export function bracketName({ from, to }: AgeBracket): string {
  return to === OLDEST ? `${from}+` : `${from}–${to}`;
}
