/** A point in time in a zone (Go, package time, Time). */
export interface GoTime {
  /** Nanoseconds since 1970, in UTC. */
  readonly nanoseconds: bigint;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** `UTC`, or what else was written; empty for an offset without a name. */
  readonly zone: string;
}

/** What a calendar in the zone shows. */
export interface GoCalendar {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 366. */
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

const billion = 1_000_000_000n;

/** Calendar and clock of a time. Years from 0 to 9999. */
export function calendarOf({ nanoseconds, offset }: GoTime): GoCalendar {
  const local = nanoseconds + BigInt(offset) * billion;
  const nanosecond = ((local % billion) + billion) % billion;
  const date = new Date(Number((local - nanosecond) / 1_000_000n));
  const year = date.getUTCFullYear();
  const start = new Date(0);
  start.setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1,
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(nanosecond),
  };
}

/** The time that a calendar shows; undefined for a day or hour that there is not. */
export function timeOf(
  { year, month, day, hour, minute, second, nanosecond }: Omit<GoCalendar, 'weekday' | 'yearDay'>,
  offset: number,
  zone: string,
): GoTime | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  return { nanoseconds: BigInt(seconds) * billion + BigInt(nanosecond), offset, zone };
}

/** @param now milliseconds since 1970 */
export function utcTime(now: number): GoTime {
  return { nanoseconds: BigInt(Math.floor(now)) * 1_000_000n, offset: 0, zone: 'UTC' };
}

/** The same time so much later. */
export function addDuration(time: GoTime, nanoseconds: bigint): GoTime {
  return { ...time, nanoseconds: time.nanoseconds + nanoseconds };
}
