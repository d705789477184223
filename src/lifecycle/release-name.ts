/** `8` of `8.9`; empty for what begins with no number. */
export function majorOf(version: string): string {
  return /^\d+(?![\w-])/.exec(version)?.[0] ?? '';
}

/** `3.19` of `3.19.1`; empty for what does not begin with two numbers, and for `3.20_alpha20240329`. */
export function minorOf(version: string): string {
  return /^\d+\.\d+(?![\w-])/.exec(version)?.[0] ?? '';
}
