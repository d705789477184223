/** What one suite of tests may have. */
export const suiteLimits = {
  /** Levels of YAML within each other. */
  depth: 64,
  /** Policies, files of objects, exceptions and expectations, each. */
  entries: 2000,
  images: 500,
  /** Of one image: signatures, statements, bills of materials, each. */
  attached: 100,
  /** Characters of what a result says of why. */
  reason: 300,
} as const;
