const day = /^(\d{4})-(\d{2})-(\d{2})$/;
const instant = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/**
 * The last instant at which a rule dated `YYYY-MM-DD` holds: the beginning of that day in UTC, because Trivy parses the
 * date so and drops the rule when that instant lies before now (aquasecurity/trivy, pkg/result/ignore.go, `Prune` and
 * `getExpirationDate`). A rule dated today is therefore over.
 *
 * @returns milliseconds since 1970; undefined when the text is no day of the calendar
 */
export function parseExpiryDay(text: string): number | undefined {
  const match = day.exec(text);
  if (match === null) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  // Date.parse lets 30 February roll over into March.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? undefined : time;
}

/** As `parseExpiryDay`, and RFC 3339 instants, which YAML's timestamp type knows too. */
export function parseExpiry(text: string): number | undefined {
  const match = instant.exec(text);
  if (match === null) return parseExpiryDay(text);
  if (parseExpiryDay(match[1] as string) === undefined) return undefined;
  const time = Date.parse(text.toUpperCase().replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : time;
}
