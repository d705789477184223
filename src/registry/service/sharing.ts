/**
 * How several processes listen at one address: each with a socket of its own, over which the system spreads connections. When one is
 * killed, those that it had are reset, and none waits for an answer that never comes.
 */
export function sharing(): { readonly reusePort?: boolean; readonly exclusive?: boolean } {
  return ['linux', 'freebsd'].includes(process.platform) ? { reusePort: true, exclusive: true } : {};
}
