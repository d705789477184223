/** Caps on a Go program's build info, in bytes unless said otherwise. */
export const goLimits = {
  /** Programs larger than this are reported, not read, and no more is searched. The largest in use have some 300 MiB. */
  file: 536_870_912,
  goVersion: 1024,
  /** The module list; a program of 1000 modules has about 100 KiB. */
  modules: 8_388_608,
  /** Markers of a program to look at; programs that read build info hold one more of them as a constant. */
  markers: 64,
} as const;
