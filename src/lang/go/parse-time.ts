import { type GoTime, timeOf } from './time.ts';
import { type LayoutPart, type LayoutPiece, readLayout } from './time-layout.ts';
import { dayNames, monthNames } from './time-names.ts';

interface Parts {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  isAfternoon: boolean | undefined;
  offset: number | undefined;
  zone: string;
}

/**
 * Reads a time by a layout (Go, package time, Parse). Without a zone it is in UTC.
 *
 * @returns undefined for what the layout does not describe, and for days and hours that there are not
 */
export function parseGoTime(layout: string, text: string): GoTime | undefined {
  if (text.length > 200 || layout.length > 200) return undefined;
  const parts: Parts = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    isAfternoon: undefined,
    offset: undefined,
    zone: 'UTC',
  };
  let rest = text;
  const pieces = readLayout(layout);
  for (const [at, piece] of pieces.entries()) {
    const left = readPiece(piece, rest, parts, pieces[at + 1]);
    if (left === undefined) return undefined;
    rest = left;
  }
  return rest === '' ? finish(parts) : undefined;
}

function finish(parts: Parts): GoTime | undefined {
  const { year, yearDay, minute, second, nanosecond, isAfternoon, offset = 0, zone } = parts;
  let { month, day, hour } = parts;
  if (isAfternoon === true && hour < 12) hour += 12;
  if (isAfternoon === false && hour === 12) hour = 0;
  if (yearDay >= 0) {
    const date = new Date(0);
    date.setUTCFullYear(year, 0, yearDay);
    if (yearDay < 1 || date.getUTCFullYear() !== year) return undefined;
    const [ownMonth, ownDay] = [date.getUTCMonth() + 1, date.getUTCDate()];
    if ((month >= 0 && month !== ownMonth) || (day >= 0 && day !== ownDay)) return undefined;
    [month, day] = [ownMonth, ownDay];
  }
  const calendar = { year, month: month < 0 ? 1 : month, day: day < 0 ? 1 : day, hour, minute, second, nanosecond };
  return timeOf(calendar, offset, zone);
}

/** What is left of the text after a piece; undefined where it does not begin with one. */
function readPiece(piece: LayoutPiece, text: string, parts: Parts, next: LayoutPiece | undefined): string | undefined {
  if (piece.kind === 'text') return readText(piece.text, text);
  if (piece.kind === 'fraction') {
    const pattern = piece.isExact ? new RegExp(`^[.,](\\d{${piece.digits}})`) : /^[.,](\d*)/;
    const [whole, digits = ''] = pattern.exec(text) ?? [];
    // With nines the fraction may be missing altogether.
    if (whole === undefined) return piece.isExact ? undefined : text;
    parts.nanosecond = nanosecondsOf(digits);
    return text.slice(whole.length);
  }
  return readPart(piece.part, text, parts, next);
}

/** Any number of blanks where the layout has some. */
function readText(wanted: string, text: string): string | undefined {
  let rest = text;
  for (const piece of wanted.split(/( +)/)) {
    if (piece.startsWith(' ')) rest = rest.replace(/^ +/, '');
    else if (rest.startsWith(piece)) rest = rest.slice(piece.length);
    else return undefined;
  }
  return rest;
}

function readPart(part: LayoutPart, text: string, parts: Parts, next: LayoutPiece | undefined): string | undefined {
  const number = (pattern: RegExp, take: (value: number) => boolean): string | undefined => {
    const [whole] = pattern.exec(text) ?? [];
    return whole !== undefined && take(Number(whole)) ? text.slice(whole.length) : undefined;
  };
  const set =
    (name: 'month' | 'day' | 'hour' | 'minute' | 'second' | 'yearDay', least: number, most: number) =>
    (value: number) => {
      parts[name] = value;
      return value >= least && value <= most;
    };
  switch (part) {
    case 'January':
    case 'Jan':
      return readName(part === 'Jan' ? monthNames.map((name) => name.slice(0, 3)) : monthNames, text, (at) => {
        parts.month = at + 1;
      });
    case 'Monday':
    case 'Mon':
      return readName(part === 'Mon' ? dayNames.map((name) => name.slice(0, 3)) : dayNames, text, () => undefined);
    case '1':
      return number(/^\d{1,2}/, set('month', 1, 12));
    case '01':
      return number(/^\d{2}/, set('month', 1, 12));
    case '2':
    case '_2':
      return number(/^ ?\d{1,2}/, set('day', 1, 31));
    case '02':
      return number(/^\d{2}/, set('day', 1, 31));
    case '__2':
      return number(/^ {0,2}\d{1,3}/, set('yearDay', 1, 366));
    case '002':
      return number(/^\d{3}/, set('yearDay', 1, 366));
    case '15':
      return number(/^\d{1,2}/, set('hour', 0, 23));
    case '3':
      return number(/^\d{1,2}/, set('hour', 0, 12));
    case '03':
      return number(/^\d{2}/, set('hour', 0, 12));
    case '4':
      return number(/^\d{1,2}/, set('minute', 0, 59));
    case '04':
      return number(/^\d{2}/, set('minute', 0, 59));
    case '5':
    case '05': {
      const rest = number(part === '5' ? /^\d{1,2}/ : /^\d{2}/, set('second', 0, 59));
      return rest === undefined || next?.kind === 'fraction' ? rest : readUnasked(rest, parts);
    }
    case '2006':
      return number(/^\d{4}/, (value) => {
        parts.year = value;
        return true;
      });
    case '06':
      return number(/^\d{2}/, (value) => {
        parts.year = value + (value >= 69 ? 1900 : 2000);
        return true;
      });
    case 'PM':
    case 'pm': {
      const [found] = (part === 'PM' ? /^[AP]M/ : /^[ap]m/).exec(text) ?? [];
      if (found === undefined) return undefined;
      parts.isAfternoon = /^p/i.test(found);
      return text.slice(2);
    }
    case 'MST': {
      const [zone] = /^(?:[A-Z]{3,5}|[+-]\d{2}(?:\d{2})?)/.exec(text) ?? [];
      if (zone === undefined) return undefined;
      parts.zone = zone;
      return text.slice(zone.length);
    }
    default:
      return readOffset(part, text, parts);
  }
}

/** A fraction that the layout does not ask for is taken where a second has one. */
function readUnasked(text: string, parts: Parts): string {
  const [whole, digits = ''] = /^[.,](\d+)/.exec(text) ?? [];
  if (whole === undefined) return text;
  parts.nanosecond = nanosecondsOf(digits);
  return text.slice(whole.length);
}

function nanosecondsOf(digits: string): number {
  return Number(digits.slice(0, 9).padEnd(9, '0'));
}

function readName(names: readonly string[], text: string, take: (at: number) => void): string | undefined {
  const at = names.findIndex((name) => text.slice(0, name.length).toLowerCase() === name.toLowerCase());
  if (at < 0) return undefined;
  take(at);
  return text.slice((names[at] ?? '').length);
}

function readOffset(part: string, text: string, parts: Parts): string | undefined {
  if (part.startsWith('Z') && text.startsWith('Z')) {
    parts.offset = 0;
    return text.slice(1);
  }
  const glue = part.includes(':') ? ':' : '';
  const count = part.slice(1).replaceAll(':', '').length / 2;
  const pattern = new RegExp(`^([+-])${Array.from({ length: count }, () => '(\\d{2})').join(glue)}`);
  const [whole, sign, hours = '0', minutes = '0', seconds = '0'] = pattern.exec(text) ?? [];
  if (whole === undefined || Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) return undefined;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  parts.offset = sign === '-' ? -size : size;
  if (parts.zone === 'UTC') parts.zone = parts.offset === 0 ? 'UTC' : '';
  return text.slice(whole.length);
}
