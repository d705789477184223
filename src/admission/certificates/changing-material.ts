import type { TlsMaterial, TlsSource } from '../server/model.ts';

/** A certificate that is replaced now and then, and those who serve it. */
export class ChangingMaterial implements TlsSource {
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  #current: TlsMaterial;

  constructor(first: TlsMaterial) {
    this.#current = first;
  }

  readonly current = (): TlsMaterial => this.#current;

  readonly onChange = (serve: (material: TlsMaterial) => void): (() => void) => {
    this.#listeners.add(serve);
    return () => void this.#listeners.delete(serve);
  };

  /** Has another one served, unless it is the same. */
  set(material: TlsMaterial): void {
    const { certificate, key } = this.#current;
    if (material.certificate === certificate && material.key === key) return;
    this.#current = material;
    for (const serve of this.#listeners) serve(material);
  }
}
