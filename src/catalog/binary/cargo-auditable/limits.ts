/** Caps on the dependency list in a Rust program. */
export const auditLimits = {
  /** Programs larger than this are reported, not read. In bytes. */
  file: 536_870_912,
  /** The list unpacked, in bytes; the format's own readers allow as much. */
  list: 8_388_608,
  /** Crates of one list. The largest programs have some 2000. */
  crates: 50_000,
} as const;
