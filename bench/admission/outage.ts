import { runOutage } from '../../testing/admission/registry-outage.ts';
import type { Line } from '../workspace.ts';

const minute = 60_000;

/** A registry that answers 429 for ten minutes, by a clock that is moved by hand, beside an image that was verified two hours before. */
export async function outageBench(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const retryAfter of [undefined, 300]) {
    const outage = { lasts: 10 * minute, every: 10_000, age: 120 * minute };
    const seen = await runOutage(retryAfter === undefined ? outage : { ...outage, retryAfter });
    const { asked, denied, requests, recovers } = seen;
    lines.push({
      label: `429 for ten minutes, Retry-After ${retryAfter ?? 'absent'}`,
      value: `${denied} of ${asked} denied, ${requests.length} requests; the other image after that: ${recovers ? 'let in' : 'denied'}`,
      bar: '0 denied',
      met: denied === 0 && recovers,
    });
  }
  return lines;
}
