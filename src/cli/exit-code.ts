/** What the program's exit status says; `docs/exit-codes.md` tells users. */
export const exitCode = {
  /** Everything was looked at, and nothing was found that the user asked to fail on. */
  ok: 0,
  /** Used by `--fail-on` where `--exit-code` names no other. */
  findings: 1,
  /** Something could not be looked at, or the command line was wrong. */
  error: 2,
} as const;

/** What `verify` and its kin say beyond that; the first three are cosign's. */
export const verifyExitCode = {
  /** Nothing of that kind is attached to the image. */
  unsigned: 10,
  /** The image itself is not there. */
  imageNotFound: 11,
  /** What is attached does not hold, or is not what was asked for. */
  noMatch: 12,
  /** It could not be looked up: this says nothing about whether the image is signed. */
  unknown: 14,
} as const;

/** What the commands about a registry of one's own say beyond that. */
export const registryExitCode = {
  /** All was looked at, and something is damaged: bytes or records are missing or changed, and were not mended. */
  damaged: 20,
  /** All was written that can be, and something could not be carried over. */
  partly: 21,
} as const;

/** What `egress check` says beyond that. */
export const egressExitCode = {
  /** A runtime may pull from elsewhere than the private registry, or something else is reached that should not be. */
  open: 30,
  /** It could not all be looked at, and what was shows no way out. */
  unknown: 31,
} as const;

/** What commands about policies say beyond that. */
export const policyExitCode = {
  /** A rule that denies is broken. */
  denied: 40,
  /** It could not all be looked at, and no rule is broken by what is known; the image does not pass. */
  undecided: 41,
  /** `policy convert`: all was written that can be, and some of what policies say was not. */
  notAll: 42,
} as const;

/** The signals that end the program in order. */
export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The status of a program that was ended by a signal, as shells count it: 128 and the signal's number (POSIX). */
export const signalStatus: Readonly<Record<EndingSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
