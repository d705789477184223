const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Writes milliseconds as rules state durations, with days: `36525d`, `1d12h`, `0`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds <= 0) return '0';
  let rest = Math.round(milliseconds);
  let text = '';
  for (const [unit, length] of [
    ['d', day],
    ['h', hour],
    ['m', minute],
    ['s', second],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / length);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * length;
  }
  return text;
}

/**
 * Writes how long ago something was, in its two largest units, rounded down, for sentences: `40d3h`. What lies in the
 * future was `0s` ago.
 */
export function formatAge(milliseconds: number): string {
  const whole = Math.floor(milliseconds / second) * second;
  if (!(whole > 0)) return '0s';
  const unit = whole >= day ? hour : whole >= hour ? minute : second;
  return formatDuration(Math.floor(whole / unit) * unit);
}

/** Writes a point in time, in milliseconds since 1970, for sentences: `2026-03-01T12:00:00Z`. */
export function formatTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? `${time} ms` : date.toISOString().replace('.000Z', 'Z');
}
