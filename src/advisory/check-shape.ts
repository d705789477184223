import type { z } from 'zod';

/** JSON from outside, held against a schema. */
interface CheckedShape<Value> {
  /** Absent when it does not fit. */
  readonly value?: Value;
  /** True when a text or list is too long. */
  readonly tooBig: boolean;
}

/**
 * Checks JSON from outside.
 *
 * zod asks for the length of whatever has one, even of what it has found to be neither text nor list, and throws when
 * that is an object whose `toString` is no function. What it throws at does not fit either.
 */
export function checkShape<Value>(schema: z.ZodType<Value>, json: unknown): CheckedShape<Value> {
  try {
    const parsed = schema.safeParse(json);
    if (parsed.success) return { value: parsed.data, tooBig: false };
    return { tooBig: parsed.error.issues.some(({ code }) => code === 'too_big') };
  } catch {
    return { tooBig: false };
  }
}
