import type { RegionName } from '../model/ibug68';
import { VERSION_TOKENS } from './versionStyle';

/** Colours of the canvas, read from the design tokens so that panel and canvas never differ. */
export interface Palette {
  readonly region: Readonly<Record<RegionName, string>>;
  /** By design token, see versionStyle. */
  readonly version: Readonly<Record<string, string>>;
  readonly rim: string;
  readonly box: string;
  readonly accent: string;
  readonly amber: string;
  readonly bad: string;
  readonly good: string;
  readonly stage: string;
  readonly font: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    region: {
      jaw: token('--region-jaw'),
      brows: token('--region-brows'),
      nose: token('--region-nose'),
      eyes: token('--region-eyes'),
      lips: token('--region-lips'),
    },
    version: Object.fromEntries(VERSION_TOKENS.map((name) => [name, token(name)])),
    rim: '#0b0d10',
    box: '#ffffff',
    accent: '#6f9df5',
    amber: '#f5a524',
    bad: '#ff6b6b',
    good: '#5fd3a6',
    stage: token('--stage'),
    font: `500 12px ${token('--font')}`,
  };
}
