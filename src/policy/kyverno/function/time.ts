import { LangError } from '../../../lang/error.ts';
import { formatGoDuration, readGoDuration } from '../../../lang/go/duration.ts';
import { formatGoTime } from '../../../lang/go/format-time.ts';
import { parseGoTime } from '../../../lang/go/parse-time.ts';
import { addDuration, calendarOf, type GoTime, utcTime } from '../../../lang/go/time.ts';
import { rfc3339 } from '../../../lang/go/time-layout.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';

/** Nanoseconds from the first year, from which Go truncates times, to 1970. */
const sinceYearOne = 62_135_596_800n * 1_000_000_000n;

/** Functions of times (kyverno.io/docs/policy-types/cluster-policy/jmespath, "Time"). */
export const timeFunctions: readonly JmespathFunction[] = [
  valueFunction('time_since', ['string', 'string', 'string'], ([layout, from, to], { now }) => {
    const by = layout === '' ? rfc3339 : (layout as string);
    const start = read('time_since', from, by);
    const end = to === '' ? utcTime(now()) : read('time_since', to, by);
    return formatGoDuration(end.nanoseconds - start.nanoseconds);
  }),
  valueFunction('time_now', [], (_, { now }) => write(utcTime(now()))),
  valueFunction('time_now_utc', [], (_, { now }) => write(utcTime(now()))),
  valueFunction('time_add', ['string', 'string'], ([time, duration]) =>
    write(addDuration(read('time_add', time), readGoDuration(duration as string, 'time_add()'))),
  ),
  valueFunction('time_parse', ['string', 'string'], ([layout, text]) =>
    write(read('time_parse', text, layout as string)),
  ),
  valueFunction('time_to_cron', ['string'], ([time]) => {
    const { minute, hour, day, month, weekday } = calendarOf(read('time_to_cron', time));
    return [minute, hour, day, month, weekday].join(' ');
  }),
  valueFunction('time_utc', ['string'], ([time]) => write({ ...read('time_utc', time), offset: 0, zone: 'UTC' })),
  valueFunction('time_diff', ['string', 'string'], ([from, to]) =>
    formatGoDuration(read('time_diff', to).nanoseconds - read('time_diff', from).nanoseconds),
  ),
  valueFunction(
    'time_before',
    ['string', 'string'],
    ([left, right]) => read('time_before', left).nanoseconds < read('time_before', right).nanoseconds,
  ),
  valueFunction(
    'time_after',
    ['string', 'string'],
    ([left, right]) => read('time_after', left).nanoseconds > read('time_after', right).nanoseconds,
  ),
  valueFunction('time_between', ['string', 'string', 'string'], ([time, start, end]) => {
    const [at, from, to] = [time, start, end].map((each) => read('time_between', each).nanoseconds);
    return (at ?? 0n) > (from ?? 0n) && (at ?? 0n) < (to ?? 0n);
  }),
  valueFunction('time_truncate', ['string', 'string'], ([text, duration]) => {
    const time = read('time_truncate', text);
    const unit = readGoDuration(duration as string, 'time_truncate()');
    if (unit <= 0n) return write(time);
    return write(addDuration(time, -((time.nanoseconds + sinceYearOne) % unit)));
  }),
];

function read(name: string, value: JsonValue | undefined, layout = rfc3339): GoTime {
  const text = value as string;
  const time = parseGoTime(layout, text);
  if (time !== undefined) return time;
  const wanted = layout === rfc3339 ? 'such as 2024-07-01T12:00:00Z' : `by the layout ${JSON.stringify(layout)}`;
  throw new LangError('EVALUATION', `${name}(): ${JSON.stringify(text.slice(0, 60))} is no time ${wanted}`);
}

function write(time: GoTime): string {
  return formatGoTime(time, rfc3339);
}
