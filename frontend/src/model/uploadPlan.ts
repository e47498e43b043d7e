/** How an upload is cut into portions, and what of it has already arrived. */

export interface PlannedFile {
  path: string;
  size: number;
  /** Milliseconds; with path and size it tells whether a file chosen again is the same. */
  changed: number;
}

/** A stretch of a file: its bytes from `from` to `to`, the `number`-th of `count` pieces. */
export interface Slice {
  file: number;
  from: number;
  to: number;
  number: number;
  count: number;
}

export interface Portion {
  slices: Slice[];
  bytes: number;
}

/** What a cut connection costs at most, twice: small enough for a slow line, large enough for few requests. */
export const PORTION_BYTES = 16 * 1024 * 1024;
export const PORTION_FILES = 50;

/** Portions of at most `bytes` and `files`; a file larger than a portion is cut. The order is that of the files. */
export function portionsOf(
  files: readonly PlannedFile[],
  bytes = PORTION_BYTES,
  most = PORTION_FILES,
): Portion[] {
  const portions: Portion[] = [];
  let open: Portion | null = null;
  files.forEach((file, index) => {
    const count = Math.max(1, Math.ceil(file.size / bytes));
    for (let number = 0; number < count; number += 1) {
      const from = number * bytes;
      const to = Math.min(file.size, from + bytes);
      if (!open || open.bytes + (to - from) > bytes || open.slices.length >= most) {
        open = { slices: [], bytes: 0 };
        portions.push(open);
      }
      open.slices.push({ file: index, from, to, number, count });
      open.bytes += to - from;
    }
  });
  return portions;
}

/** The same for the same files, whatever the time of the day: their paths, sizes and times of change. */
export function fingerprintOf(files: readonly PlannedFile[]): string {
  const text = JSON.stringify(files.map((file) => [file.path, file.size, file.changed]));
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return `${files.length}-${hash.toString(16)}`;
}

/** An upload that was begun: it goes on when the same files are chosen again. */
export interface BegunUpload {
  id: string;
  fingerprint: string;
  /** Portions that the server has. */
  arrived: number[];
}

/** The begun upload of these files if there is one, else a new one. */
export function uploadFor(
  stored: string | null,
  files: readonly PlannedFile[],
  newId: () => string,
): BegunUpload {
  const fingerprint = fingerprintOf(files);
  const found = begunOf(stored);
  return found?.fingerprint === fingerprint ? found : { id: newId(), fingerprint, arrived: [] };
}

function begunOf(stored: string | null): BegunUpload | null {
  if (stored === null) return null;
  try {
    const value = JSON.parse(stored) as Partial<BegunUpload>;
    const { id, fingerprint, arrived } = value;
    return typeof id === 'string' && typeof fingerprint === 'string' && Array.isArray(arrived)
      ? { id, fingerprint, arrived }
      : null;
  } catch {
    // Not written by this version: the upload begins anew.
    return null;
  }
}

/** Seconds until the next try after so many failures: 1, 2, 4 and so on, at most 30. */
export const waitAfter = (failures: number): number => Math.min(30, 2 ** Math.max(0, failures - 1));
