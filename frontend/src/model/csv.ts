/** Numbers as a CSV file. */

export type Cell = string | number | null;

/** Column names and rows: what a CSV file and the table behind a plot are made of. */
export interface Numbers {
  header: string[];
  rows: Cell[][];
}

/** RFC 4180 text: commas, CRLF, quotes where needed; null is an empty field. */
export function csvText(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const field = (cell: Cell): string => {
    const text = cell === null ? '' : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
