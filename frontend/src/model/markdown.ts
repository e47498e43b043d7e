/** The plain part of Markdown that model cards use, as blocks to draw: no HTML, no links, nothing nested. */

export interface Span {
  text: string;
  kind: 'plain' | 'code' | 'strong';
}
export type Block =
  | { kind: 'heading'; level: number; spans: Span[] }
  | { kind: 'paragraph'; spans: Span[] }
  | { kind: 'list'; items: Span[][] }
  | { kind: 'table'; head: Span[][]; rows: Span[][][] };

/** `code` and **strong** inside a line; everything else is text as it stands. */
export function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const match of line.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*/g)) {
    if (match.index > from) spans.push({ kind: 'plain', text: line.slice(from, match.index) });
    const [whole, code, strong] = match;
    spans.push(code === undefined ? { kind: 'strong', text: strong ?? '' } : { kind: 'code', text: code });
    from = match.index + whole.length;
  }
  if (from < line.length) spans.push({ kind: 'plain', text: line.slice(from) });
  return spans;
}

const cellsOf = (line: string): Span[][] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => spansOf(cell.trim()));

/** Lines without a blank one between them belong together; an indented line goes on with the list item before. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  let items: string[] = [];
  let rows: string[] = [];
  const close = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', spans: spansOf(paragraph.join(' ')) });
    if (items.length > 0) blocks.push({ kind: 'list', items: items.map(spansOf) });
    const head = rows[0];
    if (head !== undefined) {
      const body = rows.slice(1).filter((line) => !/^[\s|:-]+$/.test(line));
      blocks.push({ kind: 'table', head: cellsOf(head), rows: body.map(cellsOf) });
    }
    [paragraph, items, rows] = [[], [], []];
  };
  for (const line of markdown.split(/\r?\n/)) {
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^[-*]\s+(.*)$/.exec(line);
    if (line.trim() === '') close();
    else if (heading) {
      close();
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, spans: spansOf(heading[2] ?? '') });
    } else if (item) {
      if (items.length === 0) close();
      items.push(item[1] ?? '');
    } else if (line.startsWith('|')) {
      if (rows.length === 0) close();
      rows.push(line);
    } else if (items.length > 0) items[items.length - 1] += ` ${line.trim()}`;
    else {
      if (rows.length > 0) close();
      paragraph.push(line.trim());
    }
  }
  close();
  return blocks;
}
