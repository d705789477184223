import { pauseAfterFailures } from '../pause.ts';
import type { FoundInImage } from '../model.ts';

/** Why nothing newer is known of an image. */
export interface LookFailure {
  readonly code: string;
  readonly failures: number;
  /** Milliseconds since 1970: until then it is not tried again. */
  readonly until: number;
}

interface Entry {
  readonly found?: FoundInImage;
  readonly failure?: LookFailure;
  /** What was made of it is not at hand any more. */
  readonly isWanting?: true;
}

/** When what is known of an image is to be looked up again. */
export interface Freshness {
  /** When the database was built that there is now; undefined where there is none. */
  readonly builtAt: number | undefined;
  readonly now: number;
  /** Milliseconds after which it is looked up again, whatever happened. */
  readonly age: number;
}

/** What is known of each image that runs. */
export class ImageBook {
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  found(image: string): FoundInImage | undefined {
    return this.#entries.get(image)?.found;
  }

  failure(image: string): LookFailure | undefined {
    return this.#entries.get(image)?.failure;
  }

  put(image: string, found: FoundInImage): void {
    this.#entries.set(image, { found });
  }

  /** What was known before still is. @param isPermanent another attempt would not change it */
  fail(image: string, code: string, now: number, { isPermanent, age }: { isPermanent: boolean; age: number }): void {
    const entry = this.#entries.get(image) ?? {};
    const failures = (entry.failure?.failures ?? 0) + 1;
    const until = now + (isPermanent ? age : pauseAfterFailures(failures));
    this.#entries.set(image, { ...entry, failure: { code, failures, until } });
  }

  /** Has it looked at anew, since what was made of it is not at hand any more. */
  miss(image: string): void {
    this.#entries.set(image, { ...this.#entries.get(image), isWanting: true });
  }

  /** Whether nothing is known of it: neither that, nor that it could not be had. */
  isNew(image: string): boolean {
    return !this.#entries.has(image);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
  }

  /** Forgets what does not run any more. */
  keepOnly(images: { readonly has: (image: string) => boolean }): void {
    for (const image of this.#entries.keys()) if (!images.has(image)) this.#entries.delete(image);
  }

  /** Whether an image is to be looked at now. */
  isDue(image: string, { builtAt, now, age }: Freshness): boolean {
    if (builtAt === undefined) return false;
    const { found, failure, isWanting } = this.#entries.get(image) ?? {};
    if (failure !== undefined && failure.until > now) return false;
    return isWanting === true || found === undefined || found.builtAt !== builtAt || now - found.checkedAt >= age;
  }
}
