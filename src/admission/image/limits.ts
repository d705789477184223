/** What looking at images may take, where a configuration does not say otherwise. Times in milliseconds. */
export const imageLimits = {
  /** Verdicts that are kept in memory, and names whose digest is. */
  verdicts: 20_000,
  names: 20_000,
  /** Characters of what is remembered of images besides their verdicts. */
  evidence: 33_554_432,
  /** How long a name is taken to stand for the same digest. It may move at any time: what is admitted is the digest that was judged. */
  nameTime: 30_000,
  /** How long what was verified is taken for true, and that something is wrong. The latter may be mended at any time. */
  goodTime: 3_600_000,
  badTime: 5000,
  /** The share of that time after which what is asked for is judged anew ahead of its end. */
  aging: 0.8,
  /** How long a registry that cannot be asked is not asked again for the same. */
  silentTime: 2000,
  /** How long a registry is waited for where something older may stand in for what it would say. */
  patienceTime: 1000,
  /** How old what was verified may be where a registry cannot be asked. */
  staleTime: 86_400_000,
  /** How long, after a start, it is waited for what is kept of verdicts. */
  storeTime: 2000,
  /** The longest that one image may take; whoever waits for it may give up sooner. */
  judgeTime: 60_000,
} as const;

/** The times that a configuration may choose. */
export type ImageTimes = Pick<
  { readonly [Name in keyof typeof imageLimits]: number },
  'nameTime' | 'goodTime' | 'badTime' | 'silentTime' | 'patienceTime' | 'staleTime' | 'judgeTime'
>;
