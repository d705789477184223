/**
 * Whether to write colours: never where `FORCE_COLOR` is 0 or false and always where it says anything else; else not
 * with a `NO_COLOR` (no-color.org: any value but the empty one), not on a dumb terminal, and only on a terminal.
 */
export function useColour(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean = true): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  return isTerminal;
}
