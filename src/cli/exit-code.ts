/** What the program's exit status says; `docs/exit-codes.md` tells users. */
export const exitCode = {
  /** Everything was looked at, and nothing was found that the user asked to fail on. */
  ok: 0,
  /** Used by `--fail-on` where `--exit-code` names no other. */
  findings: 1,
  /** Something could not be looked at, or the command line was wrong. */
  error: 2,
  /** Ended by Ctrl-C, as shells count it: 128 and the signal's number. */
  interrupted: 130,
} as const;
