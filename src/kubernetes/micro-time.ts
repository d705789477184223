/** A time, in milliseconds since 1970, as leases and events have it: RFC 3339 with microseconds (Kubernetes API, MicroTime). */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
