const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const part = /(\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})(ns|us|µs|μs|ms|s|m|h|d|w)/y;

/**
 * Reads a duration as Go's `time.ParseDuration` writes it, and days and weeks besides: `5m0s`, `1.5h`, `300ms`, `30d`;
 * `0` needs no unit. Anything longer than nothing is a millisecond at least, since 0 means "no limit".
 *
 * @returns whole milliseconds, or undefined when the text is no duration or is negative
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text === '' || text.length > 100) return undefined;
  let milliseconds = 0;
  let position = 0;
  while (position < text.length) {
    part.lastIndex = position;
    const match = part.exec(text);
    if (match === null) return undefined;
    milliseconds += Number(match[1]) * (unitMilliseconds[match[2] as string] as number);
    position = part.lastIndex;
  }
  return milliseconds > 0 ? Math.max(1, Math.round(milliseconds)) : 0;
}

/** Writes milliseconds as Go's `Duration.String` does: `5m0s`, `120h0m0s`, `1.5s`, `300ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1000;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
