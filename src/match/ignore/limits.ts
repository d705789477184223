/** Bounds for ignore files, far above what people write. */
interface IgnoreLimits {
  /** UTF-16 code units of a file. */
  readonly characters: number;
  readonly rules: number;
  /** Code units of an id. */
  readonly idLength: number;
  /** Paths and purls of all rules together; an alias counts each time. */
  readonly patterns: number;
  /** Code units of all different path patterns, braces written out. */
  readonly patternCharacters: number;
  /** Levels of YAML; rules are four deep. */
  readonly depth: number;
  /** Uses of anchors in YAML: what lets a small file stand for a large one. */
  readonly aliases: number;
  /** Of one YAML mapping. */
  readonly keys: number;
  /** Warnings that are kept: a file that is no ignore file would give one for each line. */
  readonly warnings: number;
}

/** What one ignore file may hold. */
export const ignoreLimits: IgnoreLimits = {
  characters: 4 * 1024 * 1024,
  rules: 50_000,
  idLength: 4_096,
  patterns: 100_000,
  patternCharacters: 2_000_000,
  depth: 10,
  aliases: 200,
  keys: 1_000,
  warnings: 100,
};
