import { calendarOf, type GoCalendar, type GoTime } from './time.ts';
import { type LayoutPart, readLayout } from './time-layout.ts';
import { dayNames, monthNames } from './time-names.ts';

/** Writes a time by a layout (Go, package time, Time.Format). */
export function formatGoTime(time: GoTime, layout: string): string {
  const calendar = calendarOf(time);
  return readLayout(layout)
    .map((piece) => {
      if (piece.kind === 'text') return piece.text;
      if (piece.kind === 'part') return formatPart(piece.part, calendar, time);
      const digits = pad(calendar.nanosecond, 9).slice(0, piece.digits);
      if (piece.isExact) return piece.mark + digits;
      const short = digits.replace(/0+$/, '');
      return short === '' ? '' : piece.mark + short;
    })
    .join('');
}

function formatPart(part: LayoutPart, calendar: GoCalendar, { offset, zone }: GoTime): string {
  const { year, month, day, weekday, yearDay, hour, minute, second } = calendar;
  const hourOfHalf = hour % 12 === 0 ? 12 : hour % 12;
  switch (part) {
    case 'January':
      return monthNames[month - 1] ?? '';
    case 'Jan':
      return (monthNames[month - 1] ?? '').slice(0, 3);
    case '1':
      return String(month);
    case '01':
      return pad(month, 2);
    case 'Monday':
      return dayNames[weekday] ?? '';
    case 'Mon':
      return (dayNames[weekday] ?? '').slice(0, 3);
    case '2':
      return String(day);
    case '_2':
      return String(day).padStart(2, ' ');
    case '02':
      return pad(day, 2);
    case '__2':
      return String(yearDay).padStart(3, ' ');
    case '002':
      return pad(yearDay, 3);
    case '15':
      return pad(hour, 2);
    case '3':
      return String(hourOfHalf);
    case '03':
      return pad(hourOfHalf, 2);
    case '4':
      return String(minute);
    case '04':
      return pad(minute, 2);
    case '5':
      return String(second);
    case '05':
      return pad(second, 2);
    case '2006':
      return pad(year, 4);
    case '06':
      return pad(year % 100, 2);
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return zone === '' ? zoneNumber(offset) : zone;
    default:
      return formatOffset(part, offset);
  }
}

function formatOffset(part: string, offset: number): string {
  if (part.startsWith('Z') && offset === 0) return 'Z';
  const size = Math.abs(offset);
  const pieces = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map((each) => pad(each, 2));
  const glue = part.includes(':') ? ':' : '';
  const count = part.slice(1).replaceAll(':', '').length / 2;
  return (offset < 0 ? '-' : '+') + pieces.slice(0, count).join(glue);
}

/** A zone without a name: `+02`, `-0530`. */
function zoneNumber(offset: number): string {
  return formatOffset(offset % 3600 === 0 ? '-07' : '-0700', offset);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
