import type { AffectedRange } from '../../finding/advisory.ts';
import type { VersionScheme } from '../../version/scheme.ts';
import type { OsvEvent, OsvRange } from './schema.ts';

interface Step {
  readonly kind: 'introduced' | 'fixed' | 'lastAffected';
  readonly version: string;
}

/**
 * Turns one OSV range into runs of affected versions (OSV schema, "Evaluation"): the events are sorted by the scheme,
 * `introduced` opens a run, and the first event after it that ends runs closes it; further ends are redundant.
 *
 * @returns the runs, empty when the events describe none (`introduced: "0", fixed: "0"` is Alpine's "never affected");
 * undefined when a version breaks the scheme, so that nothing can be said; GIT ranges, which speak of commits, have none
 */
export function rangesOfEvents(range: OsvRange, scheme: VersionScheme): AffectedRange[] | undefined {
  if (range.type === 'GIT') return [];
  const steps: Step[] = [];
  for (const event of range.events ?? []) {
    for (const step of stepsOf(event)) {
      if (step.version !== '0' && !scheme.isValid(step.version)) return undefined;
      steps.push(step);
    }
  }
  const order = (a: string, b: string): number => {
    // "0" is before every version, also where the scheme would put pre-releases before it.
    if (a === '0' || b === '0') return a === b ? 0 : a === '0' ? -1 : 1;
    return scheme.compare(a, b);
  };
  steps.sort((a, b) => order(a.version, b.version));
  return runsOf(steps, order);
}

function stepsOf(event: OsvEvent): Step[] {
  const steps: Step[] = [];
  if (event.introduced != null) steps.push({ kind: 'introduced', version: event.introduced });
  if (event.fixed != null) steps.push({ kind: 'fixed', version: event.fixed });
  if (event.last_affected != null) steps.push({ kind: 'lastAffected', version: event.last_affected });
  // A limit bounds what is claimed from above, without the version itself: for a run of versions that is where it ends.
  if (event.limit != null && event.limit !== '*') steps.push({ kind: 'fixed', version: event.limit });
  return steps;
}

function runsOf(steps: readonly Step[], order: (a: string, b: string) => number): AffectedRange[] {
  const runs: AffectedRange[] = [];
  let open: string | undefined;
  let at = 0;
  while (at < steps.length) {
    const { version } = steps[at] as Step;
    let until = at;
    while (until < steps.length && order((steps[until] as Step).version, version) === 0) until += 1;
    const group = steps.slice(at, until);
    at = until;
    const starts = group.some(({ kind }) => kind === 'introduced');
    const last = group.find(({ kind }) => kind === 'lastAffected');
    const fix = group.find(({ kind }) => kind === 'fixed');
    // Where a run ends and another starts at one version, the end belongs to the run that is open.
    if (open !== undefined && (last ?? fix) !== undefined) {
      runs.push(
        last === undefined ? { introduced: open, fixed: version } : { introduced: open, lastAffected: version },
      );
      open = starts ? version : undefined;
    } else if (starts && last !== undefined) {
      runs.push({ introduced: version, lastAffected: version });
    } else if (starts && fix === undefined) {
      open ??= version;
    }
  }
  if (open !== undefined) runs.push({ introduced: open });
  return runs;
}
