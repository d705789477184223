/** What a piece of a layout stands for (Go, package time, "Constants"). */
export type LayoutPart =
  | 'January'
  | 'Jan'
  | '1'
  | '01'
  | 'Monday'
  | 'Mon'
  | '2'
  | '_2'
  | '02'
  | '__2'
  | '002'
  | '15'
  | '3'
  | '03'
  | '4'
  | '04'
  | '5'
  | '05'
  | '2006'
  | '06'
  | 'PM'
  | 'pm'
  | 'MST'
  | 'Z0700'
  | 'Z070000'
  | 'Z07'
  | 'Z07:00'
  | 'Z07:00:00'
  | '-0700'
  | '-070000'
  | '-07'
  | '-07:00'
  | '-07:00:00';

/** A piece of a layout: a part of the time, a fraction of a second, or text. */
export type LayoutPiece =
  | { readonly kind: 'part'; readonly part: LayoutPart }
  /** With 9 in place of 0, zeros at the end are left out. */
  | { readonly kind: 'fraction'; readonly mark: string; readonly digits: number; readonly isExact: boolean }
  | { readonly kind: 'text'; readonly text: string };

/** Longer ones before those that they begin with. */
const parts: readonly LayoutPart[] = [
  'January',
  'Jan',
  'Monday',
  'Mon',
  'MST',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '002',
  '15',
  '1',
  '2006',
  '2',
  '_2',
  '__2',
  '3',
  '4',
  '5',
  'PM',
  'pm',
  '-07:00:00',
  '-070000',
  '-07:00',
  '-0700',
  '-07',
  'Z07:00:00',
  'Z070000',
  'Z07:00',
  'Z0700',
  'Z07',
];

/** Layouts in which people write times most. */
export const rfc3339 = '2006-01-02T15:04:05Z07:00';

/** Parts a layout into its pieces. */
export function readLayout(layout: string): readonly LayoutPiece[] {
  const pieces: LayoutPiece[] = [];
  let text = '';
  for (let at = 0; at < layout.length;) {
    const piece = pieceAt(layout, at);
    if (piece === undefined) {
      text += layout[at];
      at += 1;
      continue;
    }
    if (text !== '') pieces.push({ kind: 'text', text });
    text = '';
    pieces.push(piece[0]);
    at += piece[1];
  }
  if (text !== '') pieces.push({ kind: 'text', text });
  return pieces;
}

function pieceAt(layout: string, at: number): readonly [LayoutPiece, length: number] | undefined {
  // "_2006" is a mark and a year, not a day.
  if (layout.startsWith('_2006', at)) return undefined;
  const part = parts.find((each) => layout.startsWith(each, at) && !isOtherWord(layout, at, each));
  if (part !== undefined) return [{ kind: 'part', part }, part.length];
  const [fraction] = /^[.,](?:0+|9+)(?!\d)/.exec(layout.slice(at, at + 40)) ?? [];
  if (fraction === undefined) return undefined;
  const digits = fraction.length - 1;
  return [{ kind: 'fraction', mark: fraction.charAt(0), digits, isExact: fraction[1] === '0' }, fraction.length];
}

/** "Janet" and "Monte" are words: a short name is one where no small letter follows. */
function isOtherWord(layout: string, at: number, part: LayoutPart): boolean {
  return (part === 'Jan' || part === 'Mon') && /^[a-z]/.test(layout.slice(at + part.length));
}
