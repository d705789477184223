import { StoreError } from '../error.ts';

/** The values of one field, ascending. `isAny` says that it was `*`, which matters for the two fields of days. */
export interface CronField {
  readonly values: readonly number[];
  readonly isAny: boolean;
}

/**
 * When something is to be done, as crontab(5) of POSIX says it: minute, hour, day of the month, month, day of the week
 * (0 is Sunday), all in UTC. Where both kinds of days are named, either will do.
 */
export interface CronExpression {
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly days: CronField;
  readonly months: CronField;
  readonly weekdays: CronField;
}

interface FieldRule {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly words?: readonly string[];
}

/** Enough for every value of every field. */
const maxLength = 1000;

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const rules = {
  minutes: { name: 'minute', first: 0, last: 59 },
  hours: { name: 'hour', first: 0, last: 23 },
  days: { name: 'day of the month', first: 1, last: 31 },
  months: { name: 'month', first: 1, last: 12, words: months },
  // Sunday is 7 as well.
  weekdays: { name: 'day of the week', first: 0, last: 7, words: weekdays },
} as const satisfies Record<string, FieldRule>;

/**
 * Reads `*`, numbers, names of months and weekdays, ranges `a-b`, steps `*` `/n` and `a-b/n`, and lists of these.
 *
 * @throws StoreError STORE_SETTING_INVALID, which says which field is wrong
 */
export function parseCron(text: string): CronExpression {
  const fields = text.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (
    text.length > maxLength ||
    fields.length !== 5 ||
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined
  ) {
    throw new StoreError(
      'STORE_SETTING_INVALID',
      'A time is written as five fields: minute, hour, day of the month, month, day of the week',
    );
  }
  const { values, isAny } = parseField(weekday, rules.weekdays);
  return {
    minutes: parseField(minute, rules.minutes),
    hours: parseField(hour, rules.hours),
    days: parseField(day, rules.days),
    months: parseField(month, rules.months),
    weekdays: { values: ascending(values.map((value) => value % 7)), isAny },
  };
}

/** Writes an expression with numbers and lists only. */
export function formatCron({ minutes, hours, days, months, weekdays }: CronExpression): string {
  const written = [minutes, hours, days, months, weekdays];
  return written.map(({ values, isAny }) => (isAny ? '*' : values.join(','))).join(' ');
}

/** No date that a calendar has is further off: the 29th of February skips 2100. */
const longestWait = 366 * 9;

/** The first time after `after` (both milliseconds since 1970), or undefined when it never comes, as on 30 February. */
export function nextCronTime(cron: CronExpression, after: number): number | undefined {
  const start = new Date(after);
  let day = Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate());
  for (let waited = 0; waited < longestWait; waited++) {
    if (isDay(cron, new Date(day))) {
      for (const hour of cron.hours.values) {
        for (const minute of cron.minutes.values) {
          const time = day + (hour * 60 + minute) * 60_000;
          if (time > after) return time;
        }
      }
    }
    day += 86_400_000;
  }
  return undefined;
}

function isDay({ days, months, weekdays }: CronExpression, date: Date): boolean {
  if (!months.values.includes(date.getUTCMonth() + 1)) return false;
  const isMonthday = days.values.includes(date.getUTCDate());
  const isWeekday = weekdays.values.includes(date.getUTCDay());
  return days.isAny || weekdays.isAny ? isMonthday && isWeekday : isMonthday || isWeekday;
}

function parseField(text: string, rule: FieldRule): CronField {
  const values = text.split(',').flatMap((part) => parsePart(part, rule));
  return { values: ascending(values), isAny: text === '*' };
}

const part = /^(?:(?<any>\*)|(?<from>\d{1,2}|[a-z]{3})(?:-(?<to>\d{1,2}|[a-z]{3}))?)(?:\/(?<step>\d{1,2}))?$/i;

function parsePart(text: string, rule: FieldRule): number[] {
  const { any, from, to, step } = part.exec(text)?.groups ?? {};
  const width = step === undefined ? 1 : Number(step);
  // A step needs a range to go through: crontabs differ over what `5/10` means.
  const isLoose = step !== undefined && any === undefined && to === undefined;
  const first = any === undefined ? valueOf(from, rule) : rule.first;
  const last = any === undefined ? (to === undefined ? first : valueOf(to, rule)) : rule.last;
  if (isLoose || width < 1 || first === undefined || last === undefined || first > last) {
    throw new StoreError(
      'STORE_SETTING_INVALID',
      `"${text.slice(0, 40)}" is no ${rule.name}; write *, numbers from ${rule.first} to ${rule.last}, ranges like a-b, steps like */n, or lists of these`,
    );
  }
  return Array.from({ length: Math.floor((last - first) / width) + 1 }, (_, at) => first + at * width);
}

function valueOf(text: string | undefined, { first, last, words = [] }: FieldRule): number | undefined {
  if (text === undefined) return undefined;
  const word = words.indexOf(text.toLowerCase());
  const value = word < 0 ? Number(text) : word + first;
  return value >= first && value <= last ? value : undefined;
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
