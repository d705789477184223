import type { Distro } from '../package/distro.ts';

/** A day as its distribution names it: `YYYY-MM-DD`. It counts to its end, in UTC. */
export type Day = `${number}-${number}-${number}`;

/** Until when one release gets fixes of flaws. */
export interface ReleaseSupport {
  /** The last day of standard security support; `open` while no end was announced. */
  readonly until: Day | 'open';
  /** What goes on after that, where a feed of advisories is about it. */
  readonly extended?: {
    readonly until: Day;
    /** Whom it reaches: every image of the release, or those in which Ubuntu Pro's `esm-infra` is on. */
    readonly reaches: 'everybody' | 'esm';
  };
}

/** What is known of a distribution's releases. */
export interface DistributionSupport {
  /** `ID`s of os-release. */
  readonly ids: readonly string[];
  /** What the table calls the release of an image. */
  readonly releaseOf: (distro: Distro) => string;
  /** By release; `rolling` where there are none, so that nothing ends. */
  readonly releases: Readonly<Record<string, ReleaseSupport>> | 'rolling';
}
