/** How one person's version is drawn: a colour of Okabe and Ito's set and a dash of its own, so that no colour is needed. */

export interface VersionStyle {
  /** Design token of the colour. */
  token: string;
  /** Lengths of stroke and gap in CSS pixels; empty: a solid line. */
  dash: readonly number[];
}

const STYLES: readonly VersionStyle[] = [
  { token: '--version-a', dash: [] },
  { token: '--version-b', dash: [9, 4] },
  { token: '--version-c', dash: [2, 3] },
  { token: '--version-d', dash: [10, 3, 2, 3] },
  { token: '--version-e', dash: [5, 5] },
  { token: '--version-f', dash: [12, 3, 2, 3, 2, 3] },
];

export const VERSION_TOKENS: readonly string[] = STYLES.map((style) => style.token);

/** The style of version 'A', 'B', ...; after F they begin again. */
export function versionStyle(letter: string): VersionStyle {
  const place = letter.charCodeAt(0) - 'A'.charCodeAt(0);
  return STYLES[((place % STYLES.length) + STYLES.length) % STYLES.length] as VersionStyle;
}
