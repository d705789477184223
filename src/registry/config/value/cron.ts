/** Bounds of the five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). */
const fields: readonly (readonly [least: number, most: number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];

/**
 * Whether a text is a cron expression of five fields as POSIX writes them (crontab, "INPUT FILES"), with steps (`/5`)
 * besides. Times are in UTC.
 */
export function isCron(text: string): boolean {
  const parts = text.trim().split(/[ \t]+/);
  return (
    text.length <= 100 &&
    parts.length === fields.length &&
    parts.every((part, at) => isField(part, fields[at] ?? [0, 0]))
  );
}

function isField(text: string, [least, most]: readonly [number, number]): boolean {
  return text.split(',').every((item) => {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item);
    if (match === null) return false;
    const [, from, to, step] = match;
    if (step !== undefined && (Number(step) < 1 || Number(step) > most)) return false;
    if (from === undefined) return true;
    const last = Number(to ?? from);
    return Number(from) >= least && Number(from) <= last && last <= most;
  });
}
